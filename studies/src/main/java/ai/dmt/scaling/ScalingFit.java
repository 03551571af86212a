package ai.dmt.scaling;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.statistics.distribution.FDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * All laws fitted to the same observations, and two tests: whether the amount matters (an F-test of
 * the power law against a constant), and whether the value levels off.
 *
 * @param data what was measured
 * @param fits by law
 * @param exponent 95 % of the power law's
 * @param amountMatters p-value of a power law against a constant
 * @param levelsOff one-sided p-value of levelling off against a power law, which does not
 */
public record ScalingFit(
    List<Observation> data,
    Map<ScalingLaw, Fit> fits,
    Range exponent,
    double amountMatters,
    double levelsOff) {
  /** Amounts that a law needs, at least. */
  public static final int LEAST_AMOUNTS = 5;

  private static final double LEVEL = 0.05;
  private static final double LEAST_SQUARES = 1e-24; // of data that a law meets exactly

  /**
   * Copies.
   *
   * @param data what was measured
   * @param fits by law
   * @param exponent 95 % of the power law's
   * @param amountMatters p-value of a power law against a constant
   * @param levelsOff one-sided p-value of levelling off against a power law, which does not
   */
  public ScalingFit {
    data = List.copyOf(data);
    fits = new EnumMap<>(fits);
  }

  /**
   * Two ends of an interval.
   *
   * @param low lower end
   * @param high upper end
   */
  public record Range(double low, double high) {}

  /**
   * Fits all laws.
   *
   * @param data what runs measured, in any order
   * @return empty where there are fewer than {@link #LEAST_AMOUNTS} amounts
   */
  public static Optional<ScalingFit> of(List<Observation> data) {
    if (data.stream().mapToDouble(Observation::amount).distinct().count() < LEAST_AMOUNTS) {
      return Optional.empty();
    }
    Map<ScalingLaw, Fit> fits = new EnumMap<>(ScalingLaw.class);
    Fit constant = ScalingLaw.CONSTANT.fit(data);
    Fit power = ScalingLaw.POWER.fit(data);
    fits.put(ScalingLaw.CONSTANT, constant);
    fits.put(ScalingLaw.POWER, power);
    fits.put(ScalingLaw.PLATEAU, ScalingLaw.PLATEAU.fit(data));
    return Optional.of(
        new ScalingFit(
            data,
            fits,
            exponent(power, data),
            test(constant, power, data),
            curvature(power, data)));
  }

  /** Of a straight line's slope, logarithm against logarithm. */
  private static Range exponent(Fit power, List<Observation> data) {
    int degrees = data.size() - ScalingLaw.POWER.parameters();
    double mean = data.stream().mapToDouble(one -> Math.log(one.amount())).average().orElseThrow();
    double spread =
        data.stream().mapToDouble(one -> Math.pow(Math.log(one.amount()) - mean, 2)).sum();
    double error = Math.sqrt(power.squares(data) / degrees / spread);
    double half = TDistribution.of(degrees).inverseSurvivalProbability(LEVEL / 2) * error;
    return new Range(power.exponent() - half, power.exponent() + half);
  }

  /** P-value of the law with more numbers against the one with fewer. */
  private static double test(Fit fewer, Fit more, List<Observation> data) {
    int degrees = data.size() - more.law().parameters();
    double left = Math.max(more.squares(data), LEAST_SQUARES);
    double gained = Math.max(0, fewer.squares(data) - left);
    return FDistribution.of(1, degrees).survivalProbability(gained / (left / degrees));
  }

  /**
   * One-sided p-value of a straight line, logarithm against logarithm, that bends upwards: what
   * falls levels off. Exact for a power law, which an F-test of the plateau's law is not.
   */
  private static double curvature(Fit power, List<Observation> data) {
    int n = data.size();
    double[] x = new double[n];
    double[] squared = new double[n];
    double[] left = new double[n];
    double mean = data.stream().mapToDouble(one -> Math.log(one.amount())).average().orElseThrow();
    for (int i = 0; i < n; i++) {
      Observation one = data.get(i);
      x[i] = Math.log(one.amount()) - mean;
      squared[i] = x[i] * x[i];
      left[i] = Math.log(one.value() / power.at(one.amount()));
    }
    double meanSquared = product(x, x) / n;
    double slope = product(x, squared) / product(x, x);
    for (int i = 0; i < n; i++) {
      squared[i] -= meanSquared + slope * x[i]; // what no straight line has
    }
    double bend = product(squared, left) / product(squared, squared);
    double unexplained =
        Math.max(product(left, left) - bend * product(squared, left), LEAST_SQUARES);
    double error = Math.sqrt(unexplained / (n - 3) / product(squared, squared));
    return TDistribution.of(n - 3).survivalProbability(bend / error);
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }

  /**
   * {@return the fit of a law}
   *
   * @param law one of {@link #fits()}
   * @throws IllegalArgumentException if it was not fitted
   */
  public Fit fit(ScalingLaw law) {
    Fit fit = fits.get(law);
    if (fit == null) {
      throw new IllegalArgumentException("%s is not fitted, only %s".formatted(law, fits.keySet()));
    }
    return fit;
  }

  /** {@return whether the value was shown to level off} */
  public boolean isPlateau() {
    return amountMatters <= LEVEL && levelsOff <= LEVEL;
  }

  /** {@return how far runs lie off the power law: the root mean square of logarithms} */
  public double deviation() {
    return Math.sqrt(fit(ScalingLaw.POWER).squares(data) / data.size());
  }

  /**
   * {@return the p-value of means of the amounts that lie where a power law has them, beside the
   * spread of runs of one amount (an F-test of lack of fit); NaN where no amount has several runs}
   */
  public double misfit() {
    Map<Double, List<Observation>> amounts =
        data.stream().collect(Collectors.groupingBy(Observation::amount));
    int within = data.size() - amounts.size();
    int between = amounts.size() - ScalingLaw.POWER.parameters();
    if (within == 0 || between == 0) {
      return Double.NaN;
    }
    double pure = 0;
    for (List<Observation> same : amounts.values()) {
      double mean = same.stream().mapToDouble(one -> Math.log(one.value())).average().orElseThrow();
      pure += same.stream().mapToDouble(one -> Math.pow(Math.log(one.value()) - mean, 2)).sum();
    }
    double left = Math.max(0, fit(ScalingLaw.POWER).squares(data) - pure);
    double ratio = left / between / (Math.max(pure, LEAST_SQUARES) / within);
    return left < LEAST_SQUARES ? 1 : FDistribution.of(between, within).survivalProbability(ratio);
  }

  /** {@return what the tests say, in words} */
  public String verdict() {
    if (amountMatters > LEVEL) {
      return "no change with the amount that these runs show";
    }
    if (misfit() <= LEVEL && !isPlateau()) {
      return "it changes with the amount, but neither a power law nor a plateau fits";
    }
    boolean noFit = fit(ScalingLaw.PLATEAU).atEdge();
    if (!isPlateau()) {
      return noFit ? "a power law, no plateau fits" : "a power law, no plateau is shown";
    }
    return noFit ? "levels off, but no plateau fits" : "levels off at a plateau";
  }
}
