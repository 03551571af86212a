package ai.dmt.train;

import ai.dmt.engine.TrainingEngine;
import ai.dmt.engine.WorkSeconds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Tells which ranks are slow: those that work longer for a step than the others, all of which wait
 * for them.
 *
 * <p>[Note: slow ranks] The time of a step is the same on all ranks, whoever was slow. So each
 * takes apart its own time in one step of ten, by the engine's clock, and what it did not wait for
 * collectives goes with the sum that ranks make after each step anyway: no collective is added. A
 * rank counts as slow whose time is a quarter above the median of the others', and that per token,
 * too: one that was given more to do is not slow. Of the last three such steps the middle one
 * counts, so that a single hiccup is none.
 */
final class SlowRanks {
  /** Steps from one that is taken apart to the next. */
  static final int INTERVAL = 10;

  private static final int SAMPLES = 3;

  /** Times the others' median from which on a rank is slow, and below which it is not any more. */
  private static final double SLOW = 1.25;

  private static final double AS_FAST = 1.15;

  /** A rank that is slow is told again if it has become so many times as slow, or as fast. */
  private static final double CHANGED = 1.5;

  private final Rank rank;
  private final IntFunction<String> names;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final double[] told; // of each rank, times the others' median; 0 if it is not slow
  private boolean measures; // whether the step that is being made is taken apart
  private boolean measured; // a step, whose times are not shared yet
  private double ownSeconds;
  private double ownTokens;
  private List<RankSpeed> changes = List.of();

  /** Of all ranks in one step. @param tokens that each has computed */
  private record Sample(double[] seconds, double[] tokens) {
    double[] secondsPerToken() {
      double[] quotients = new double[seconds.length];
      Arrays.setAll(quotients, r -> seconds[r] / tokens[r]);
      return quotients;
    }

    /** A rank that had nothing to do cannot be compared, and nothing with it. */
    boolean isOfAll() {
      return Arrays.stream(seconds).allMatch(value -> value > 0)
          && Arrays.stream(tokens).allMatch(value -> value > 0);
    }
  }

  /**
   * @param names of ranks, for {@link RankSpeed}
   */
  SlowRanks(Rank rank, IntFunction<String> names) {
    this.rank = rank;
    this.names = names;
    this.told = new double[rank.worldSize()];
  }

  /**
   * Makes a step, and takes it apart if it is its turn.
   *
   * @param number of the step in the run, the same on all ranks
   * @param step says by {@link #computes} what this rank has to do in it
   */
  <T> T measure(long number, TrainingEngine engine, Supplier<T> step) {
    measures = rank.worldSize() > 1 && number % INTERVAL == 0;
    if (!measures) {
      return step.get();
    }
    ownTokens = 0;
    engine.startClock();
    T done;
    try {
      done = step.get();
    } catch (RuntimeException e) {
      stopAfter(e, engine);
      throw e;
    }
    WorkSeconds work = engine.stopClock();
    ownSeconds = work.total() - work.communication();
    measured = true;
    return done;
  }

  private static void stopAfter(RuntimeException failure, TrainingEngine engine) {
    try {
      engine.stopClock();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Tokens of a micro-batch of this rank in the step that is being made. */
  void computes(long tokens) {
    ownTokens += measures ? tokens : 0;
  }

  /**
   * Adds this rank's times of the last step to what the ranks are about to sum, if they are to be
   * shared: as many values on all ranks.
   */
  double[] with(double... values) {
    if (!measured) {
      return values;
    }
    double[] all = Arrays.copyOf(values, values.length + 2 * rank.worldSize());
    all[values.length + 2 * rank.number()] = ownSeconds;
    all[values.length + 2 * rank.number() + 1] = ownTokens;
    return all;
  }

  /** Takes what {@link #with} has added. @param sums over all ranks @param first of those values */
  void shared(double[] sums, int first) {
    if (!measured) {
      return;
    }
    measured = false;
    double[] seconds = new double[rank.worldSize()];
    double[] tokens = new double[rank.worldSize()];
    for (int r = 0; r < rank.worldSize(); r++) {
      seconds[r] = sums[first + 2 * r];
      tokens[r] = sums[first + 2 * r + 1];
    }
    update(seconds, tokens);
  }

  /** Takes what all ranks have worked for one step. */
  void update(double[] seconds, double[] tokens) {
    Sample sample = new Sample(seconds, tokens);
    if (!sample.isOfAll()) {
      return;
    }
    samples.addLast(sample);
    if (samples.size() > SAMPLES) {
      samples.removeFirst();
    }
    if (samples.size() == SAMPLES) {
      judge();
    }
  }

  /** {@return what has changed since it was asked the last time} */
  List<RankSpeed> takeChanges() {
    List<RankSpeed> taken = changes;
    changes = List.of();
    return taken;
  }

  private void judge() {
    double[] seconds = medians(samples.stream().map(Sample::seconds).toList());
    double[] perToken = medians(samples.stream().map(Sample::secondsPerToken).toList());
    List<RankSpeed> found = new ArrayList<>(changes);
    for (int r = 0; r < told.length; r++) {
      double others = medianOfOthers(seconds, r);
      double times = Math.min(seconds[r] / others, perToken[r] / medianOfOthers(perToken, r));
      if (isNews(told[r], times)) {
        boolean slow = times >= AS_FAST;
        told[r] = slow ? times : 0;
        found.add(new RankSpeed(r, names.apply(r), seconds[r], others, slow));
      }
    }
    changes = List.copyOf(found);
  }

  private static boolean isNews(double told, double times) {
    return told == 0
        ? times >= SLOW
        : times < AS_FAST || times >= told * CHANGED || times <= told / CHANGED;
  }

  /** Of each rank over the samples. */
  private static double[] medians(List<double[]> samples) {
    double[] medians = new double[samples.get(0).length];
    Arrays.setAll(
        medians, r -> median(samples.stream().mapToDouble(sample -> sample[r]).toArray()));
    return medians;
  }

  private static double medianOfOthers(double[] values, int rank) {
    double[] others = new double[values.length - 1];
    Arrays.setAll(others, i -> values[i < rank ? i : i + 1]);
    return median(others);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
