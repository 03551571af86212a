package ai.dmt.evaluators.statistics;

import java.util.Arrays;

/**
 * A model's mean over problems on a scale, and how much of it each problem makes.
 *
 * @param value on the scale
 * @param influences how far each problem moves the value; their sum is 0. None where nothing is
 *     known of single problems
 * @param unseenVariance of the value, by the choice of problems, beside what the influences show
 * @param atEnd whether fewer than {@value #LEAST_EITHER_WAY} problems are solved or unsolved: the
 *     value on the scale is then hardly more than a bound
 */
public record ScaledMean(double value, double[] influences, double unseenVariance, boolean atEnd) {
  private static final int LEAST_EITHER_WAY = 5;
  private static final double HALF = 0.5; // of a problem, added to either side of a share

  /**
   * Copies the influences.
   *
   * @param value on the scale
   * @param influences how far each problem moves the value; may be empty
   * @param unseenVariance of the value, by the choice of problems, beside what the influences show
   * @param atEnd whether the value is hardly more than a bound
   */
  public ScaledMean {
    influences = influences.clone();
  }

  /**
   * {@return a mean of which all problems are known}
   *
   * @param link LOGIT for values in [0, 1], LOG for values above 0
   * @param problems with their values
   */
  public static ScaledMean of(Link link, PooledMean problems) {
    double mean = problems.value();
    double weight = Arrays.stream(problems.weights()).sum();
    double[] parts = new double[problems.problems()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = (problems.sums()[i] - mean * problems.weights()[i]) / weight;
    }
    if (link == Link.LOG) {
      return new ScaledMean(link.of(mean), scaled(parts, link.slope(mean)), 0, false);
    }
    int n = parts.length;
    double inner = inner(mean, n);
    double[] influences = scaled(parts, link.slope(inner) * n / (n + 1));
    double seen = Arrays.stream(influences).map(each -> each * each).sum();
    // Problems that are all solved, or none, show no spread; the odds are not known for that.
    boolean end = isEnd(mean, n);
    double unseen = end ? Math.max(0, smoothedVariance(mean, n) - seen) : 0;
    return new ScaledMean(link.of(inner), influences, unseen, end);
  }

  /**
   * {@return a mean of which nothing but its error is known}
   *
   * @param link LOGIT for a mean in [0, 1], LOG for one above 0
   * @param mean over problems
   * @param standardError that the choice of problems gives it; 0 where that is not known
   * @param problems how many there were; 0 where that is not known
   */
  public static ScaledMean of(Link link, double mean, double standardError, long problems) {
    double inner = link == Link.LOG ? mean : inner(mean, problems == 0 ? 1000 : problems);
    double scaledError = link.slope(inner) * standardError;
    boolean end = link == Link.LOGIT && isEnd(mean, problems == 0 ? 1000 : problems);
    return new ScaledMean(link.of(inner), new double[0], scaledError * scaledError, end);
  }

  /** A share away from 0 and 1, whose odds are neither 0 nor infinite. */
  private static double inner(double mean, double n) {
    return (n * mean + HALF) / (n + 1);
  }

  /** Of a share's log-odds, each side with half a problem more. */
  private static double smoothedVariance(double mean, double n) {
    return 1 / (n * mean + HALF) + 1 / (n * (1 - mean) + HALF);
  }

  private static boolean isEnd(double mean, double n) {
    return n * mean < LEAST_EITHER_WAY || n * (1 - mean) < LEAST_EITHER_WAY;
  }

  private static double[] scaled(double[] values, double factor) {
    return Arrays.stream(values).map(value -> factor * value).toArray();
  }
}
