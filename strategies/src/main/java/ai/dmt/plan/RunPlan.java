package ai.dmt.plan;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.Recipe;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a run will take on a machine, with the settings that are fastest there.
 *
 * @param recipe that was planned
 * @param steps of all stages
 * @param model shape of the base model
 * @param lengths of samples
 * @param machine that it runs on
 * @param ranks GPUs, or processes on CPUs
 * @param chosen the fastest that fits
 * @param asWritten the recipe's own settings, whether they fit or not
 * @param others the best micro-batch of each choice of the rest, best first, {@code chosen}
 *     included
 */
public record RunPlan(
    Recipe recipe,
    long steps,
    ModelConfig model,
    SampleLengths lengths,
    Machine machine,
    int ranks,
    Placement chosen,
    Placement asWritten,
    List<Placement> others) {
  private static final double HOUR = 3600;

  /**
   * Copies the list.
   *
   * @param recipe that was planned
   * @param steps of all stages
   * @param model shape of the base model
   * @param lengths of samples
   * @param machine that it runs on
   * @param ranks GPUs, or processes on CPUs
   * @param chosen the fastest that fits
   * @param asWritten the recipe's own settings
   * @param others best first
   */
  public RunPlan {
    others = List.copyOf(others);
  }

  /** {@return tokens of a step over all ranks, on average} */
  public double tokensPerStep() {
    return recipe.training().globalTrainBatchSize() * lengths.mean();
  }

  /** {@return tokens a second over all ranks} */
  public double tokensPerSecond() {
    return tokensPerStep() / chosen.step().seconds();
  }

  /** {@return how long all steps take; evaluation, saving and loading are not in it} */
  public Duration duration() {
    return Duration.ofMillis(Math.round(1000 * steps * chosen.step().seconds()));
  }

  /** {@return hours of one GPU, or of one process on CPUs} */
  public double rankHours() {
    return ranks * steps * chosen.step().seconds() / HOUR;
  }

  /** {@return the share of the GPUs' peak that training's own operations reach; 0 for CPUs} */
  public double utilization() {
    return GpuKind.find(machine.name())
        .map(
            gpu ->
                StepWork.ownFlopsPerToken(model, chosen.config(), lengths.ofToken())
                    * tokensPerSecond()
                    / ranks
                    / gpu.peak(recipe.engine().dtype()))
        .orElse(0.0);
  }

  /**
   * {@return what a recipe says to run so, as changes of {@link #recipe()}: value by dotted key}
   */
  public Map<String, String> changes() {
    return PlacementText.keys(chosen);
  }

  /** {@return the recipe with the settings of {@link #chosen()}, on the machine's device} */
  public Recipe asRecipe() {
    EngineConfig config = chosen.config();
    EngineRecipe engine =
        recipe
            .engine()
            .withDevice(config.device().device())
            .withRecompute(config.recompute())
            .withSharding(config.sharding().mode())
            .withGradientReduction(config.sharding().gradientReduction())
            .withOptimizerStates(chosen.states())
            .withGradientDtype(config.gradientDType());
    return recipe
        .withEngine(engine)
        .withTraining(recipe.training().withMaxTokensPerMicroBatch(chosen.maxTokens()));
  }

  /**
   * {@return the plan for people, with a line end}
   *
   * @param price of a GPU for an hour, in any currency; 0 where it is not known
   */
  public String text(double price) {
    return new RunPlanText(this, price).text();
  }

  /**
   * {@return the plan as JSON, indented, with a line end}
   *
   * @param price of a GPU for an hour, in any currency; 0 where it is not known
   */
  public String json(double price) {
    return RunPlanJson.of(this, price).toPrettyString() + "\n";
  }
}
