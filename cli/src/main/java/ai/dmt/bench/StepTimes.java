package ai.dmt.bench;

import java.util.Arrays;

/** Times of steps; the first ones warm up and are not counted. */
final class StepTimes {
  private final int warmUp;
  private final double[] seconds;
  private double nativeSeconds;
  private int added;

  StepTimes(int warmUp, int measured) {
    this.warmUp = warmUp;
    this.seconds = new double[measured];
  }

  /** Adds a step. @param insideSeconds part of it that was spent inside native calls */
  void add(double wholeSeconds, double insideSeconds) {
    if (added >= warmUp) {
      seconds[added - warmUp] = wholeSeconds;
      nativeSeconds += insideSeconds;
    }
    added++;
  }

  /** Whether the next step counts. */
  boolean warm() {
    return added >= warmUp;
  }

  /** Of one step. */
  double median() {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double sum() {
    return Arrays.stream(seconds).sum();
  }

  /** Part of the time that was spent outside native calls. */
  double javaShare() {
    return 1 - nativeSeconds / sum();
  }
}
