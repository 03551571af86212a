package ai.dmt.evaluators.statistics;

import ai.dmt.evaluators.Interval;
import java.util.Optional;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A contrast's estimate, and what is known of its error.
 *
 * <p>Half of an interval is the root of two squares: Student's quantile times the seeds' error,
 * with one degree of freedom less than there are seeds, and the normal quantile times the problems'
 * error. Satterthwaite's degrees of freedom would be narrower, and find up to half as many effects
 * again where there are none when three seeds agree by chance.
 *
 * @param estimate mean over seeds, on the scale of the measure
 * @param seeds at least one
 * @param seedVariance between the contrasts of single seeds; NaN of one seed
 * @param problemVariance that the choice of problems adds to the estimate, whatever the seeds
 * @param atEnd whether a group is at an end of its measure, where its place on the scale is hardly
 *     more than a bound
 */
public record Effect(
    double estimate, int seeds, double seedVariance, double problemVariance, boolean atEnd) {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
  private static final int POWER_STEPS = 200;
  private static final int HALVINGS = 30;
  private static final int MOST_SEEDS = 500;
  private static final double LEAST_P = 1e-12;
  private static final double MOST_P = 0.5 - 1e-9;
  private static final double TOLERANCE = 1e-10;
  private static final int MOST_STEPS = 100;
  private static final double POWER = 0.8;

  /** {@return the standard error; NaN of one seed} */
  public double standardError() {
    return Math.sqrt(seedVariance / seeds + problemVariance);
  }

  /** {@return whether the error is known and above 0} */
  public boolean isTested() {
    return seeds > 1 && standardError() > 0;
  }

  /** {@return the 95 % interval; empty where nothing is known of the error} */
  public Optional<Interval> interval() {
    if (!isTested()) {
      return Optional.empty();
    }
    double half = half(Intervals.ERROR_RATE / 2);
    return Optional.of(new Interval(estimate - half, estimate + half));
  }

  /**
   * {@return the one-sided p-value of being above a bound; 1 where nothing is known of the error}
   *
   * @param bound on the same scale
   */
  public double above(double bound) {
    if (!isTested()) {
      return 1;
    }
    double tail = tail(Math.abs(estimate - bound));
    return estimate > bound ? tail : 1 - tail;
  }

  /**
   * {@return the one-sided p-value of being below a bound; 1 where nothing is known of the error}
   *
   * @param bound on the same scale
   */
  public double below(double bound) {
    return isTested() ? 1 - above(bound) : 1;
  }

  /**
   * The tail whose quantile is at a distance, by the Illinois rule: logarithm against logarithm the
   * quantile is nearly a straight line.
   */
  private double tail(double distance) {
    double low = Math.log(LEAST_P);
    double high = Math.log(MOST_P);
    double atLow = Math.log(half(LEAST_P) / distance);
    double atHigh = Math.log(half(MOST_P) / distance);
    if (atLow <= 0 || atHigh >= 0) {
      return atLow <= 0 ? LEAST_P : MOST_P;
    }
    int side = 0; // that moved last
    double middle = low;
    for (int i = 0; i < MOST_STEPS; i++) {
      middle = (low * atHigh - high * atLow) / (atHigh - atLow);
      double at = Math.log(half(Math.exp(middle)) / distance);
      if (Math.abs(at) < TOLERANCE) {
        break;
      }
      if (at > 0) {
        low = middle;
        atLow = at;
        atHigh /= side > 0 ? 2 : 1;
        side = 1;
      } else {
        high = middle;
        atHigh = at;
        atLow /= side < 0 ? 2 : 1;
        side = -1;
      }
    }
    return Math.exp(middle);
  }

  /** Half of an interval that leaves so much on either side. */
  private double half(double tail) {
    double student = TDistribution.of(seeds - 1).inverseSurvivalProbability(tail);
    double normal = NORMAL.inverseSurvivalProbability(tail);
    return Math.sqrt(student * student * seedVariance / seeds + normal * normal * problemVariance);
  }

  /**
   * {@return the smallest difference from a bound that a two-sided test with as many seeds finds in
   * four of five studies, if variances are as they were seen; NaN where nothing is known of them}
   *
   * @param level of the test, such as 0.05
   */
  public double detectable(double level) {
    if (!isTested()) {
      return Double.NaN;
    }
    double low = 0;
    double high = standardError();
    while (power(high, level, seeds) < POWER) {
      low = high;
      high *= 2;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (power(middle, level, seeds) < POWER) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /**
   * {@return how many seeds, at least three, would tell a true difference from a bound in four of
   * five studies, if variances are as they were seen; 0 where not even {@value #MOST_SEEDS} would,
   * or nothing is known of the variances}
   *
   * @param difference of the truth from the bound
   * @param level of the two-sided test
   */
  public int seedsToTell(double difference, double level) {
    if (!isTested() || power(Math.abs(difference), level, MOST_SEEDS) < POWER) {
      return 0;
    }
    int low = 2;
    int high = MOST_SEEDS;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (power(Math.abs(difference), level, middle) < POWER) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** Of the two-sided test towards one side: over the variances that such a study may see. */
  private double power(double difference, double level, int n) {
    double error = Math.sqrt(seedVariance / n + problemVariance);
    ChiSquaredDistribution variance = ChiSquaredDistribution.of(n - 1);
    double student = TDistribution.of(n - 1).inverseSurvivalProbability(level / 2);
    double normal = NORMAL.inverseSurvivalProbability(level / 2);
    double sum = 0;
    for (int step = 0; step < POWER_STEPS; step++) {
      double seen = variance.inverseCumulativeProbability((step + 0.5) / POWER_STEPS) / (n - 1);
      double half =
          Math.sqrt(
              student * student * seen * seedVariance / n + normal * normal * problemVariance);
      sum += NORMAL.cumulativeProbability((difference - half) / error);
    }
    return sum / POWER_STEPS;
  }
}
