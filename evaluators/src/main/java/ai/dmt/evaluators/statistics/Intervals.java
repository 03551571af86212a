package ai.dmt.evaluators.statistics;

import ai.dmt.evaluators.Interval;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Quantile;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;

/** 95 % intervals of scores. */
public final class Intervals {
  /** Share of intervals that miss the true score. */
  static final double ERROR_RATE = 0.05;

  /** Resamples of a bootstrap: the ends are then steady to about 2 % of the interval's width. */
  static final int RESAMPLES = 10_000;

  private static final double[] ENDS = {ERROR_RATE / 2, 1 - ERROR_RATE / 2};
  private static final Quantile QUANTILE = Quantile.withDefaults();

  private Intervals() {}

  /**
   * {@return Wilson's score interval of a share} Unlike the normal approximation it stays within
   * [0, 1] and has a width at 0 and 1 too.
   *
   * @param solved problems solved
   * @param total problems, positive
   */
  public static Interval wilson(long solved, long total) {
    var interval =
        BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
            Math.toIntExact(total), Math.toIntExact(solved), ERROR_RATE);
    // At the ends, rounding can leave [0, 1] by the last bit.
    return new Interval(
        Math.max(0, interval.getLowerBound()), Math.min(1, interval.getUpperBound()));
  }

  /**
   * {@return the percentile bootstrap of a mean, at 95 %: problems are drawn with replacement}
   *
   * @param perProblem one value a problem, at least one
   * @param seed of the draws; the same values and seed give the same interval
   */
  public static Interval bootstrapMean(double[] perProblem, long seed) {
    return bootstrap(
        perProblem.length,
        seed,
        drawn -> {
          double sum = 0;
          for (int problem : drawn) {
            sum += perProblem[problem];
          }
          return sum / drawn.length;
        });
  }

  /**
   * {@return the percentile bootstrap, at 95 %, of any statistic over problems, such as a mean of
   * pooled judgements}
   *
   * @param problems how many there are, positive
   * @param seed of the draws; the same statistic and seed give the same interval
   * @param statistic of problems drawn with replacement, given by their indices; never NaN
   */
  public static Interval bootstrap(int problems, long seed, ToDoubleFunction<int[]> statistic) {
    return ends(resample(problems, seed, statistic));
  }

  static Interval ends(double[] resampled) {
    double[] ends = QUANTILE.evaluate(resampled, ENDS);
    return new Interval(ends[0], ends[1]);
  }

  static double[] resample(int problems, long seed, ToDoubleFunction<int[]> statistic) {
    if (problems < 1) {
      throw new IllegalArgumentException("a bootstrap needs at least one problem");
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] drawn = new int[problems];
    double[] values = new double[RESAMPLES];
    Arrays.setAll(
        values,
        i -> {
          Arrays.setAll(drawn, d -> random.nextInt(problems));
          return statistic.applyAsDouble(drawn);
        });
    return values;
  }
}
