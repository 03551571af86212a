package ai.dmt.strategies;

import ai.dmt.recipe.Recipe;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Measure;
import ai.dmt.train.MixtureController;
import ai.dmt.train.SampleRef;
import ai.dmt.train.SampleTable;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.StageBatches;
import ai.dmt.train.StageRates;
import ai.dmt.train.StageSettings;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run would train, for {@code dmt plan}: stages with samples, tokens, steps, learning rate
 * and replayed samples. Made without native code, and without data where sizes are stated.
 *
 * @param name of the run
 * @param globalBatchSize samples of a step
 * @param stages in their order
 * @param notStated values that the paper does not state
 */
public record SchedulePlan(
    String name, int globalBatchSize, List<PlannedStage> stages, List<String> notStated) {

  /**
   * One stage.
   *
   * @param name of the stage
   * @param key identity of the schedule up to here, see {@link Schedule#key}
   * @param samples of an epoch by source
   * @param totalSamples of an epoch, over all sources
   * @param replayed samples of an epoch that an earlier stage has had
   * @param tokens of an epoch; -1 where lengths are not known
   * @param epochs how often the stage goes through its samples
   * @param stepsPerEpoch optimizer steps of an epoch
   * @param steps optimizer steps of the stage
   * @param learningRate of the first step, the highest, and that of the last step
   * @param learningRatePolicy restart or continue
   * @param optimizerState reset or carry
   */
  public record PlannedStage(
      String name,
      String key,
      Map<String, Long> samples,
      long totalSamples,
      long replayed,
      long tokens,
      int epochs,
      long stepsPerEpoch,
      long steps,
      List<Double> learningRate,
      String learningRatePolicy,
      String optimizerState) {}

  /**
   * Copies the lists.
   *
   * @param name of the run
   * @param globalBatchSize samples of a step
   * @param stages in their order
   * @param notStated values that the paper does not state
   */
  public SchedulePlan {
    stages = List.copyOf(stages);
    notStated = List.copyOf(notStated);
  }

  /**
   * {@return the plan of a recipe whose sources state their sizes}
   *
   * @param recipe each of whose sources states {@code samples}
   */
  public static SchedulePlan of(Recipe recipe) {
    return of(recipe, recipe.statedTables());
  }

  /**
   * {@return the plan of a recipe over sources that were read}
   *
   * @param recipe to plan
   * @param tables of all sources of the recipe
   */
  public static SchedulePlan of(Recipe recipe, List<SampleTable> tables) {
    return of(recipe, Strategies.batches(recipe, tables));
  }

  /**
   * {@return the plan of a recipe whose steps are known}
   *
   * @param recipe to plan
   * @param batches of the recipe
   * @throws ai.dmt.config.ConfigException if its section control has nothing to decide about
   */
  public static SchedulePlan of(Recipe recipe, ScheduleBatches batches) {
    new MixtureController(recipe.mixtureControl(), batches.schedule()); // or a run is refused
    return of(
        recipe.name(),
        batches,
        recipe.training().globalTrainBatchSize(),
        recipe.training().learningRateConfig(),
        recipe.notStated());
  }

  private static SchedulePlan of(
      String name,
      ScheduleBatches batches,
      int globalBatchSize,
      LearningRateConfig learningRate,
      List<String> notStated) {
    StageRates rates = new StageRates(batches, learningRate);
    List<PlannedStage> stages = new ArrayList<>();
    Set<SampleRef> seen = new HashSet<>();
    for (int s = 0; s < batches.stages().size(); s++) {
      stages.add(planned(s, batches, rates, seen));
    }
    return new SchedulePlan(name, globalBatchSize, stages, notStated);
  }

  private static PlannedStage planned(
      int number, ScheduleBatches batches, StageRates rates, Set<SampleRef> seen) {
    StageBatches stage = batches.stages().get(number);
    Set<SampleRef> own = new HashSet<>();
    Map<String, Long> samples = new LinkedHashMap<>();
    long replayed = 0;
    long tokens = 0;
    for (SampleRef ref : stage.epoch()) {
      SampleTable table = batches.tables().get(ref.source());
      samples.merge(table.name(), 1L, Long::sum);
      replayed += seen.contains(ref) ? 1 : 0;
      tokens += table.hasTokens() ? table.length(ref.sample(), Measure.TOKENS) : 0;
      own.add(ref);
    }
    seen.addAll(own);
    boolean known = batches.tables().stream().allMatch(SampleTable::hasTokens);
    StageSettings settings = stage.stage().settings();
    return new PlannedStage(
        stage.stage().name(),
        batches.schedule().key(number),
        samples,
        stage.samplesPerEpoch(),
        replayed,
        known ? tokens : -1,
        settings.epochs(),
        stage.stepsPerEpoch(),
        stage.steps(),
        rates(number, stage.steps(), rates),
        PlanText.word(settings.learningRatePolicy()),
        PlanText.word(settings.optimizerState()));
  }

  private static List<Double> rates(int stage, long steps, StageRates rates) {
    double highest = 0;
    for (long step = 0; step < steps; step++) {
      highest = Math.max(highest, rates.at(stage, step));
    }
    return List.of(
        rounded(rates.at(stage, 0)), rounded(highest), rounded(rates.at(stage, steps - 1)));
  }

  /** Six digits: a cosine's last ones differ between machines. */
  private static double rounded(double rate) {
    return new BigDecimal(rate).round(new MathContext(6)).doubleValue();
  }

  /** {@return the number of optimizer steps of all stages together} */
  public long totalSteps() {
    return stages.stream().mapToLong(PlannedStage::steps).sum();
  }

  /** {@return the plan as a table for people, with a line end} */
  public String text() {
    return PlanText.table(this);
  }

  /** {@return the plan as JSON, indented, with a line end} */
  public String json() {
    return PlanText.json(this);
  }
}
