package ai.dmt.evaluators.statistics;

import ai.dmt.evaluators.Interval;

/**
 * The difference of two means over the same problems: problems are drawn with replacement, each
 * with what both models made of it.
 *
 * @param difference the second mean minus the first
 * @param interval percentile bootstrap of the difference, 95 %
 * @param pValue two-sided: twice the smaller share of resamples on either side of no difference,
 *     the data themselves counted as one more resample, so never below 2 / 10,001
 */
public record PairedBootstrap(double difference, Interval interval, double pValue) {
  /** Resamples drawn for each comparison. */
  public static final int RESAMPLES = Intervals.RESAMPLES;

  /**
   * Draws {@value #RESAMPLES} resamples.
   *
   * <p>A bootstrap of a handful of problems finds differences where there are none: of one problem
   * it never doubts. The p-value is therefore at least 2 / 2^m for m problems that differ, which is
   * the smallest that any test can give that asks for the direction of each difference.
   *
   * @param first of a problem for each index
   * @param second of the same problems in the same order
   * @param seed of the draws; the same values and seed give the same result
   * @return the difference, its interval and its p-value
   */
  public static PairedBootstrap of(PooledMean first, PooledMean second, long seed) {
    if (first.problems() != second.problems()) {
      throw new IllegalArgumentException(
          "pairs need the same problems, got %s and %s"
              .formatted(first.problems(), second.problems()));
    }
    double[] differences =
        Intervals.resample(first.problems(), seed, drawn -> second.of(drawn) - first.of(drawn));
    return new PairedBootstrap(
        second.value() - first.value(),
        Intervals.ends(differences),
        Math.max(twoSided(differences), Math.scalb(2.0, -numDiffering(first, second))));
  }

  private static double twoSided(double[] differences) {
    int notAbove = 1;
    int notBelow = 1;
    for (double difference : differences) {
      notAbove += difference <= 0 ? 1 : 0;
      notBelow += difference >= 0 ? 1 : 0;
    }
    return Math.min(1, 2.0 * Math.min(notAbove, notBelow) / (differences.length + 1));
  }

  private static int numDiffering(PooledMean first, PooledMean second) {
    int differing = 0;
    for (int problem = 0; problem < first.problems(); problem++) {
      differing += first.of(problem) == second.of(problem) ? 0 : 1;
    }
    return Math.max(1, differing); // of none the p-value is 1 as it is
  }
}
