package ai.dmt.evaluators.statistics;

import ai.dmt.evaluators.Interval;

/**
 * A mean of values that come in groups, one group a problem: judgements of a question, losses of a
 * sample's tokens. It is over all values, not over the means of the groups.
 *
 * @param sums of each problem's values, each times its weight
 * @param weights of each problem together, positive; 1 where a problem has one value
 */
public record PooledMean(double[] sums, double[] weights) {
  /**
   * Demands as many weights as sums, at least one.
   *
   * @param sums of each problem's values, each times its weight
   * @param weights of each problem together, positive; 1 where a problem has one value
   */
  public PooledMean {
    if (sums.length != weights.length || sums.length == 0) {
      throw new IllegalArgumentException(
          "a mean needs a weight for each sum and at least one, got %s sums and %s weights"
              .formatted(sums.length, weights.length));
    }
    for (double weight : weights) {
      if (!(weight > 0)) {
        throw new IllegalArgumentException("a weight must be positive, got " + weight);
      }
    }
    sums = sums.clone();
    weights = weights.clone();
  }

  int problems() {
    return sums.length;
  }

  /** {@return the mean over all problems} */
  public double value() {
    double sum = 0;
    double weight = 0;
    for (int problem = 0; problem < sums.length; problem++) {
      sum += sums[problem];
      weight += weights[problem];
    }
    return sum / weight;
  }

  /**
   * {@return the mean of one problem's values}
   *
   * @param problem its index, from 0
   */
  public double of(int problem) {
    return sums[problem] / weights[problem];
  }

  /** Over problems that were drawn, some of them several times. */
  double of(int[] drawn) {
    double sum = 0;
    double weight = 0;
    for (int problem : drawn) {
      sum += sums[problem];
      weight += weights[problem];
    }
    return sum / weight;
  }

  /**
   * {@return the percentile bootstrap over problems, at 95 %}
   *
   * @param seed of the draws; the same values and seed give the same interval
   */
  public Interval interval(long seed) {
    return Intervals.bootstrap(problems(), seed, this::of);
  }
}
