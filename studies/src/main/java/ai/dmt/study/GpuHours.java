package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import java.nio.file.Path;
import java.util.Map;

/**
 * Hours that training would take on GPUs, predicted from a model's operations and an assumed share
 * of the peak: nothing is run.
 */
final class GpuHours {
  private static final double SECONDS = 3600;

  private final CostRecipe cost;
  private final ModelShape shape;
  private final Map<String, Double> tokensPerSample;
  private final int batch;

  private GpuHours(
      CostRecipe cost, ModelShape shape, Map<String, Double> tokensPerSample, int batch) {
    this.cost = cost;
    this.shape = shape;
    this.tokensPerSample = tokensPerSample;
    this.batch = batch;
  }

  /**
   * Takes the shape that the study states, or that of its model.
   *
   * @throws ai.dmt.config.ConfigException if there is neither
   */
  static GpuHours of(StudyDefinition study, CostRecipe cost) {
    Recipe recipe = study.recipe();
    ModelShape shape = cost.shape() != null ? cost.shape() : ModelShape.of(Path.of(recipe.model()));
    return new GpuHours(
        cost, shape, study.tokensPerSample(), recipe.training().globalTrainBatchSize());
  }

  /**
   * Hours of one GPU; twice as many GPUs take half the time.
   *
   * @param adapter whether the model's weights have no gradients; the adapter's own operations are
   *     not counted
   */
  double of(StageSize stage, boolean adapter) {
    double ofGradients = adapter ? shape.trainingFlopsPerToken(0) / 3 : 0;
    double operations = stage.tokens() * (shape.trainingFlopsPerToken(length(stage)) - ofGradients);
    return operations / (cost.peak() * cost.assumed()) / SECONDS;
  }

  /** Of the sample that a token is in, on average over tokens. */
  private double length(StageSize stage) {
    double tokens = 0;
    double squares = 0;
    for (Map.Entry<String, Long> source : stage.samples().entrySet()) {
      double length = tokensPerSample.getOrDefault(source.getKey(), 0.0);
      tokens += source.getValue() * length;
      squares += source.getValue() * length * length;
    }
    return tokens > 0 ? squares / tokens : (double) stage.tokens() / (stage.steps() * batch);
  }

  /** Hours as a column of tables has them. */
  static String text(double hours) {
    return Units.format(hours < 1 ? "%.2f" : hours < 100 ? "%.1f" : "%,.0f", hours);
  }

  /** What the hours rest on. */
  String text(double all, double left) {
    return Units.format(
        "training, predicted and not measured: %s GPU hours of %s, %s of them left; with %s of them %s h%n"
            + "  at %.1f %% of %s TFLOP/s, an assumption (cost.utilization); %.1f GFLOP a token of the"
            + " longest source; scoring, loading and saving are not counted%n",
        text(all),
        cost.gpu(),
        text(left),
        cost.gpus(),
        text(left / cost.gpus()),
        100 * cost.assumed(),
        Units.format("%.0f", cost.peak() * 1e-12),
        1e-9
            * shape.trainingFlopsPerToken(
                tokensPerSample.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(0)));
  }
}
