package ai.dmt.train;

import ai.dmt.engine.EngineException;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Chooses the samples that a stage replays of earlier stages' sources.
 *
 * <p>[Note: replay selection] What is chosen is a function of the model as it is when the stage
 * begins, of the data and of the seeds. Each sample of a source gets a score; the samples are
 * ranked by it, the highest first, and of equal scores as the random ranking has them. A stage
 * takes as many as its share of the source asks for, so less is contained in more and the steps are
 * as many as they were.
 *
 * <p>A checkpoint within the stage holds what was chosen ({@link ControlState}). One at the end of
 * the stage before does not: a run that goes on from there has the same weights, and chooses the
 * same. Scores are those of rank 0, so that all ranks choose alike, and a sample's score depends on
 * how many ranks there are no more than the weights do.
 */
final class ReplayChoice {
  private final TrainingEngine engine;
  private final ScheduleBatches batches;
  private final TrainingSamples samples;
  private final int maxTokens;

  /**
   * Makes a choice for the stages of a run.
   *
   * @param engine with the model, between two steps; stays as it is
   * @param batches of the run
   * @param samples of all sources, as the batches number them
   * @param maxTokens of a micro-batch; at least the longest sample
   */
  ReplayChoice(
      TrainingEngine engine, ScheduleBatches batches, TrainingSamples samples, int maxTokens) {
    this.engine = engine;
    this.batches = batches;
    this.samples = samples;
    this.maxTokens = maxTokens;
  }

  /**
   * Chooses. All ranks call it.
   *
   * @param stage that begins
   * @param sources that it replays
   * @param by not random
   * @param stop asked now and then on all ranks: whether they have agreed to stop
   * @return what was chosen of each source of which neither nothing nor everything is replayed;
   *     empty if they have
   * @throws EngineException if a score is not finite
   */
  Optional<List<ReplayedSamples>> of(
      int stage, List<String> sources, ReplaySelection by, BooleanSupplier stop) {
    ReplayScores scores = new ReplayScores(engine, batches, samples, maxTokens, stop);
    List<ReplayedSamples> chosen = new ArrayList<>();
    for (String source : sources) {
      int number = batches.tables().stream().map(SampleTable::name).toList().indexOf(source);
      SampleTable table = batches.tables().get(number);
      int count = count(batches.schedule().stages().get(stage), table);
      if (count > 0) {
        double[] of =
            switch (by) {
              case RANDOM -> throw new IllegalArgumentException("a random choice needs no model");
              case LOSS -> scores.losses(number);
              case SIMILARITY -> scores.similarities(stage, number);
              case GRADIENT -> scores.gradientCosines(number);
            };
        if (of.length == 0) {
          return Optional.empty();
        }
        chosen.add(chosen(stage, table, by, shared(of, table), count));
      }
    }
    return Optional.of(chosen);
  }

  /** Samples that are chosen of a source; 0 where the stage replays none or all of it. */
  private static int count(Stage stage, SampleTable table) {
    Amount amount = stage.mixture().amountOf(table.name()).orElseThrow();
    int count = (int) SubsetRanking.sizeOf(((Amount.Fraction) amount).value(), table.size());
    return count < table.size() ? count : 0;
  }

  /**
   * Most gradients that a rank has at once in a stage.
   *
   * @param sources that it replays
   * @param bytes that one takes there
   */
  static int keptGradients(ScheduleBatches batches, int stage, List<String> sources, long bytes) {
    return batches.tables().stream()
        .filter(table -> sources.contains(table.name()))
        .filter(table -> count(batches.schedule().stages().get(stage), table) > 0)
        .mapToInt(table -> ReplayScores.keptGradients(table.size(), bytes))
        .max()
        .orElse(0);
  }

  /** Those of rank 0, on all ranks. */
  private double[] shared(double[] scores, SampleTable table) {
    double[] shared = engine.rank() == 0 ? scores.clone() : new double[scores.length];
    engine.sumOverRanks(shared);
    for (int s = 0; s < shared.length; s++) {
      if (!Double.isFinite(shared[s])) {
        throw new EngineException(
            "sample %s of source \"%s\" has the score %s; look at the learning rate and the model"
                .formatted(s, table.name(), shared[s]));
      }
    }
    return shared;
  }

  private ReplayedSamples chosen(
      int stage, SampleTable table, ReplaySelection by, double[] scores, int count) {
    int[] random = SubsetRanking.rank(table, batches.schedule().subsetSeed());
    List<Integer> first =
        Arrays.stream(random)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer sample) -> -scores[sample])) // stable
            .limit(count)
            .toList();
    String name = batches.schedule().stages().get(stage).name();
    return new ReplayedSamples(
        name, table.name(), by, first, first.stream().map(sample -> scores[sample]).toList());
  }
}
