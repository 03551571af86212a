package ai.dmt.evaluators.statistics;

import ai.dmt.evaluators.Interval;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Two models on the same problems, each solved or not: the exact test of McNemar and the difference
 * of their shares.
 *
 * @param onlyFirst problems that the first model alone solves
 * @param onlySecond problems that the second model alone solves
 * @param problems all of them, positive
 */
public record McNemar(int onlyFirst, int onlySecond, int problems) {
  private static final double QUANTILE =
      NormalDistribution.of(0, 1).inverseSurvivalProbability(Intervals.ERROR_RATE / 2);

  /**
   * Demands counts that can be.
   *
   * @param onlyFirst problems that the first model alone solves
   * @param onlySecond problems that the second model alone solves
   * @param problems all of them, positive
   */
  public McNemar {
    if (onlyFirst < 0 || onlySecond < 0 || problems < 1 || onlyFirst > problems - onlySecond) {
      throw new IllegalArgumentException(
          "%s and %s of %s problems cannot be solved by one model alone"
              .formatted(onlyFirst, onlySecond, problems));
    }
  }

  /**
   * {@return the share that the second solves minus the share that the first solves, in [-1, 1]}
   */
  public double difference() {
    return (double) (onlySecond - onlyFirst) / problems;
  }

  /**
   * {@return the two-sided p-value: how likely flips as uneven as these are, if each of them falls
   * to either side like a coin} Exact, for any number of flips; 1 where nothing flips.
   */
  public double pValue() {
    int flips = onlyFirst + onlySecond;
    // Not the library's BinomialTest: it compares rounded probabilities, and says 0.625 of 1 and 2.
    double tail =
        BinomialDistribution.of(flips, 0.5).cumulativeProbability(Math.min(onlyFirst, onlySecond));
    return Math.min(1, 2 * tail);
  }

  /**
   * {@return the 95 % interval of {@link #difference} (Bonett and Price 2012): Wald's, with one
   * flip added to either side, so that it has a width where nothing flips} It is less cautious than
   * the exact test, so it can leave out 0 where {@link #pValue} is a little above 0.05.
   */
  public Interval interval() {
    double n = problems + 2.0;
    double gained = (onlySecond + 1) / n;
    double lost = (onlyFirst + 1) / n;
    double centre = gained - lost;
    double half = QUANTILE * Math.sqrt((gained + lost - centre * centre) / n);
    return new Interval(Math.max(-1, centre - half), Math.min(1, centre + half));
  }
}
