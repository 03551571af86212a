package ai.dmt.train;

import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.GradientProducts;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.Pooling;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a model says of each sample of a source. All ranks make the same calls; they share the
 * samples out, and each holds one score per sample beside what a micro-batch takes. Every method
 * gives the scores in the order of the source, or none if the ranks have agreed to stop.
 */
final class ReplayScores {
  private static final double[] STOPPED = {};

  /**
   * Own samples of a stage that others are compared with; more of them change their mean little.
   */
  private static final int COMPARED = 512;

  /** Samples of a source whose mean gradient stands for its. */
  private static final int MEANT = 64;

  /** Gradients that are kept beside that one, where {@link #KEPT_BYTES} of a rank hold so many. */
  private static final int KEPT = 32;

  private static final long KEPT_BYTES = 1L << 30;

  private final TrainingEngine engine;
  private final ScheduleBatches batches;
  private final TrainingSamples samples;
  private final int maxTokens;
  private final BooleanSupplier stop;
  private double[] own =
      STOPPED; // [hidden] mean direction of a stage's own samples, once it is known

  ReplayScores(
      TrainingEngine engine,
      ScheduleBatches batches,
      TrainingSamples samples,
      int maxTokens,
      BooleanSupplier stop) {
    this.engine = engine;
    this.batches = batches;
    this.samples = samples;
    this.maxTokens = maxTokens;
    this.stop = stop;
  }

  /**
   * Loss per label token, in nats. Samples go through the model alone, as many at a time as the
   * engine can tell losses apart, that is, as it has sources.
   */
  double[] losses(int source) {
    List<SampleRef> all = all(source);
    double[] losses = new double[all.size()];
    int atOnce = engine.sources().size();
    for (int first = 0; first < losses.length; first += atOnce) {
      if (stop.getAsBoolean()) {
        return STOPPED;
      }
      List<MicroBatch> group = new ArrayList<>();
      for (int s = first; s < Math.min(first + atOnce, losses.length); s++) {
        SourcedSample sample = samples.of(List.of(all.get(s))).get(0);
        group.add(SequencePacker.layOut(List.of(new SourcedSample(sample.sample(), s - first))));
      }
      List<SourceLoss> measured = engine.evaluate(group);
      for (int s = 0; s < group.size(); s++) {
        losses[first + s] = measured.get(s).mean();
      }
    }
    return losses;
  }

  /**
   * Mean cosine of a sample's state with those of the stage's own samples; a state is the mean over
   * the sample's tokens behind the last block.
   */
  double[] similarities(int stage, int source) {
    if (own.length == 0) {
      double[][] directions = directions(evenly(ownOf(stage)));
      if (directions.length == 0) {
        return STOPPED;
      }
      own = new double[directions[0].length];
      for (double[] direction : directions) {
        for (int c = 0; c < own.length; c++) {
          own[c] += direction[c] / directions.length;
        }
      }
    }
    List<SampleRef> all = all(source);
    double[] similarities = new double[all.size()];
    return states(all, (sample, direction) -> similarities[sample] = product(direction, own))
        ? sum(similarities)
        : STOPPED;
  }

  /**
   * Cosine of a sample's gradient with that of the mean loss over the first samples of the source's
   * random ranking, without itself.
   */
  double[] gradientCosines(int source) {
    List<SampleRef> all = all(source);
    int[] ranking =
        SubsetRanking.rank(batches.tables().get(source), batches.schedule().subsetSeed());
    Set<Integer> meant = new HashSet<>();
    List<MicroBatch> mean = new ArrayList<>();
    for (int m = 0; m < Math.min(MEANT, ranking.length); m++) {
      meant.add(ranking[m]);
      mean.add(alone(all.get(ranking[m])));
    }
    double labels = mean.stream().mapToLong(MicroBatch::labelTokens).sum();
    double[] cosines = new double[all.size()];
    int kept = keptBesideMean(engine.keptGradientBytes());
    for (int first = 0; first < cosines.length; first += kept) {
      if (stop.getAsBoolean()) {
        return STOPPED;
      }
      List<List<MicroBatch>> sets = new ArrayList<>(List.of(mean));
      for (int s = first; s < Math.min(first + kept, cosines.length); s++) {
        sets.add(List.of(alone(all.get(s))));
      }
      GradientProducts products = engine.gradientProducts(sets);
      double[][] over = products.over(tensor -> true);
      for (int g = 1; g < sets.size(); g++) {
        int sample = first + g - 1;
        double part = meant.contains(sample) ? sets.get(g).get(0).labelTokens() : 0;
        double product = labels * over[0][g] - part * over[g][g];
        double square =
            labels * labels * over[0][0]
                - 2 * labels * part * over[0][g]
                + part * part * over[g][g];
        cosines[sample] = product / Math.sqrt(square * over[g][g]);
      }
    }
    return cosines;
  }

  /** Most gradients that a rank has at once. @param bytes that one takes there */
  static int keptGradients(int samples, long bytes) {
    return 1 + Math.min(samples, keptBesideMean(bytes));
  }

  private static int keptBesideMean(long bytes) {
    return (int) Math.max(1, Math.min(KEPT, KEPT_BYTES / Math.max(1, bytes)));
  }

  private MicroBatch alone(SampleRef ref) {
    return SequencePacker.layOut(samples.of(List.of(ref)));
  }

  private List<SampleRef> all(int source) {
    List<SampleRef> all = new ArrayList<>();
    for (int s = 0; s < batches.tables().get(source).size(); s++) {
      all.add(new SampleRef(source, s));
    }
    return all;
  }

  /** What a stage trains on and no earlier one has. */
  private List<SampleRef> ownOf(int stage) {
    return batches.stages().get(stage).epoch().stream()
        .filter(
            ref ->
                !batches
                    .schedule()
                    .replayed(stage)
                    .contains(batches.tables().get(ref.source()).name()))
        .distinct()
        .toList();
  }

  private static List<SampleRef> evenly(List<SampleRef> refs) {
    int count = Math.min(COMPARED, refs.size());
    List<SampleRef> some = new ArrayList<>(count);
    for (long s = 0; s < count; s++) {
      some.add(refs.get((int) (s * refs.size() / count)));
    }
    return some;
  }

  /** Of all samples, on all ranks; none if the ranks have agreed to stop. */
  private double[][] directions(List<SampleRef> refs) {
    int size = engine.model().hiddenSize();
    double[] flat = new double[refs.size() * size];
    boolean done =
        states(refs, (sample, state) -> System.arraycopy(state, 0, flat, sample * size, size));
    double[] all = done ? sum(flat) : STOPPED;
    double[][] directions = new double[done ? refs.size() : 0][size];
    for (int s = 0; s < directions.length; s++) {
      System.arraycopy(all, s * size, directions[s], 0, size);
    }
    return directions;
  }

  /** Of one sample. */
  private interface StateUse {
    /**
     * @param direction [hidden], of length 1
     */
    void of(int sample, double[] direction);
  }

  /** Tells this rank's states of some samples. @return false if the ranks have agreed to stop */
  private boolean states(List<SampleRef> refs, StateUse use) {
    List<List<Integer>> groups = groups(refs);
    for (int first = 0; first < groups.size(); first += engine.worldSize()) {
      if (stop.getAsBoolean()) {
        return false;
      }
      int group = first + engine.rank();
      List<Integer> mine = groups.get(Math.min(group, groups.size() - 1));
      MicroBatch batch = SequencePacker.layOut(samples.of(mine.stream().map(refs::get).toList()));
      float[][][] states = engine.hiddenStates(batch, Pooling.MEAN);
      for (int d = 0; d < mine.size() && group < groups.size(); d++) {
        use.of(mine.get(d), direction(states[states.length - 1][d]));
      }
    }
    return true;
  }

  /** Samples of a micro-batch, in their order, whatever the number of ranks. */
  private List<List<Integer>> groups(List<SampleRef> refs) {
    List<List<Integer>> groups = new ArrayList<>();
    List<Integer> group = new ArrayList<>();
    int tokens = 0;
    for (int s = 0; s < refs.size(); s++) {
      int length = samples.of(List.of(refs.get(s))).get(0).sample().inputTokens();
      if (!group.isEmpty() && tokens + length > maxTokens) {
        groups.add(group);
        group = new ArrayList<>();
        tokens = 0;
      }
      group.add(s);
      tokens += length;
    }
    groups.add(group);
    return groups;
  }

  private static double[] direction(float[] state) {
    double[] direction = new double[state.length];
    double square = 0;
    for (float each : state) {
      square += (double) each * each;
    }
    for (int c = 0; c < direction.length; c++) {
      direction[c] = state[c] / Math.sqrt(square);
    }
    return direction;
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int c = 0; c < one.length; c++) {
      sum += one[c] * other[c];
    }
    return sum;
  }

  /** Over ranks, of which one has a value and the others 0: exact. */
  private double[] sum(double[] values) {
    engine.sumOverRanks(values);
    return values;
  }
}
