package ai.dmt.scaling;

import ai.dmt.scaling.ScalingFit.Range;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Laws of a model's size N and the amount of data D together, fitted to logarithms by least
 * squares: a product of powers y = a N^b D^c, whether data are worth more to larger models, and,
 * where there are runs enough, the additive law.
 *
 * @param data what was measured
 * @param factor a of the product of powers
 * @param sizeExponent b
 * @param sizeRange 95 % of b
 * @param amountExponent c
 * @param amountRange 95 % of c
 * @param sizeMatters p-value of b against 0
 * @param interaction what log N adds to c for each unit: below 0 where data are worth more to
 *     larger models
 * @param interactionMatters p-value of the interaction against 0
 * @param deviation standard deviation of what the product of powers leaves, in logarithms
 * @param additive the additive law; null where there are too few runs for its five numbers
 */
public record JointFit(
    List<SizedObservation> data,
    double factor,
    double sizeExponent,
    Range sizeRange,
    double amountExponent,
    Range amountRange,
    double sizeMatters,
    double interaction,
    double interactionMatters,
    double deviation,
    @Nullable AdditiveLaw additive) {
  /** Sizes that a law needs, at least. */
  public static final int LEAST_SIZES = 3;

  /** Amounts of which each must be there at two sizes or more. */
  public static final int LEAST_AMOUNTS = 2;

  private static final int LEAST_PAIRS = 6; // more than the numbers that are fitted
  private static final int LEAST_FOR_ADDITIVE =
      8; // pairs of a size and an amount, for five numbers
  private static final double LEVEL = 0.05;
  private static final double LEAST_VARIANCE = 1e-24; // of data that a law meets exactly

  /**
   * Copies the list.
   *
   * @param data what was measured
   * @param factor a of the product of powers
   * @param sizeExponent b
   * @param sizeRange 95 % of b
   * @param amountExponent c
   * @param amountRange 95 % of c
   * @param sizeMatters p-value of b against 0
   * @param interaction what log N adds to c for each unit
   * @param interactionMatters p-value of the interaction against 0
   * @param deviation standard deviation of what the product of powers leaves, in logarithms
   * @param additive the additive law; null where there are too few runs for its five numbers
   */
  public JointFit {
    data = List.copyOf(data);
  }

  /**
   * {@return why no law can be fitted, for people; empty where one can}
   *
   * @param data what runs measured
   */
  public static Optional<String> missing(List<SizedObservation> data) {
    long sizes = data.stream().mapToDouble(SizedObservation::size).distinct().count();
    if (sizes < LEAST_SIZES) {
      return Optional.of("%s sizes, %s are the least".formatted(sizes, LEAST_SIZES));
    }
    Map<Double, Long> sizesOfAmount = new TreeMap<>();
    data.stream()
        .map(one -> Map.entry(one.amount(), one.size()))
        .distinct()
        .forEach(pair -> sizesOfAmount.merge(pair.getKey(), 1L, Long::sum));
    long crossed = sizesOfAmount.values().stream().filter(count -> count > 1).count();
    if (crossed < LEAST_AMOUNTS) {
      return Optional.of(
          "%s amounts at several sizes, %s are the least".formatted(crossed, LEAST_AMOUNTS));
    }
    return pairs(data) < LEAST_PAIRS
        ? Optional.of(
            "%s pairs of size and amount, %s are the least".formatted(pairs(data), LEAST_PAIRS))
        : Optional.empty();
  }

  private static long pairs(List<SizedObservation> data) {
    return data.stream().map(one -> one.size() + "/" + one.amount()).distinct().count();
  }

  /**
   * Fits the laws.
   *
   * @param data what runs measured, in any order
   * @return empty where {@link #missing} says why
   */
  public static Optional<JointFit> of(List<SizedObservation> data) {
    if (missing(data).isPresent()) {
      return Optional.empty();
    }
    int n = data.size();
    double[] value = new double[n];
    double[] ones = new double[n];
    double[] size = new double[n];
    double[] amount = new double[n];
    for (int i = 0; i < n; i++) {
      value[i] = Math.log(data.get(i).value());
      ones[i] = 1;
      size[i] = Math.log(data.get(i).size());
      amount[i] = Math.log(data.get(i).amount());
    }
    double sizeMean = LeastSquares.product(size, ones) / n;
    double amountMean = LeastSquares.product(amount, ones) / n;
    double[] both = new double[n];
    for (int i = 0; i < n; i++) {
      size[i] -= sizeMean;
      amount[i] -= amountMean;
      both[i] = size[i] * amount[i];
    }
    double[][] columns = {ones, size, amount};
    double[][] more = {ones, size, amount, both};
    LeastSquares powers =
        Objects.requireNonNull(LeastSquares.of(columns, value)); // they are crossed
    LeastSquares crossed = Objects.requireNonNull(LeastSquares.of(more, value));
    double variance = variance(powers, columns, value);
    double height =
        powers.coefficient(0)
            - powers.coefficient(1) * sizeMean
            - powers.coefficient(2) * amountMean;
    return Optional.of(
        new JointFit(
            data,
            Math.exp(height),
            powers.coefficient(1),
            range(powers, 1, variance, n - 3),
            powers.coefficient(2),
            range(powers, 2, variance, n - 3),
            test(powers, 1, variance, n - 3),
            crossed.coefficient(3),
            test(crossed, 3, variance(crossed, more, value), n - 4),
            Math.sqrt(variance),
            pairs(data) < LEAST_FOR_ADDITIVE ? null : AdditiveSearch.of(data)));
  }

  private static double variance(LeastSquares fit, double[][] columns, double[] value) {
    return Math.max(fit.squares(columns, value) / (value.length - columns.length), LEAST_VARIANCE);
  }

  private static Range range(LeastSquares fit, int column, double variance, int degrees) {
    double half =
        TDistribution.of(degrees).inverseSurvivalProbability(LEVEL / 2)
            * fit.error(column, variance);
    return new Range(fit.coefficient(column) - half, fit.coefficient(column) + half);
  }

  private static double test(LeastSquares fit, int column, double variance, int degrees) {
    double t = Math.abs(fit.coefficient(column)) / fit.error(column, variance);
    return 2 * TDistribution.of(degrees).survivalProbability(t);
  }

  /**
   * {@return the product of powers' value}
   *
   * @param size of a model, above 0
   * @param amount of data, above 0
   */
  public double at(double size, double amount) {
    return factor * Math.pow(size, sizeExponent) * Math.pow(amount, amountExponent);
  }

  /** {@return what the additive law leaves, as {@link #deviation}; NaN where it was not fitted} */
  public double additiveDeviation() {
    if (additive == null) {
      return Double.NaN;
    }
    double squares = 0;
    for (SizedObservation one : data) {
      double left = Math.log(one.value() / additive.at(one.size(), one.amount()));
      squares += left * left;
    }
    return Math.sqrt(squares / Math.max(1, data.size() - 5));
  }

  /** {@return what the tests say, in words} */
  public String verdict() {
    if (sizeMatters > LEVEL) {
      return "no change with the size that these runs show";
    }
    String size = sizeExponent < 0 ? "larger models are better" : "larger models are worse";
    if (interactionMatters > LEVEL) {
      return size + ", by the same power at each amount";
    }
    return size + (interaction < 0 ? ", and gain more by data" : ", and gain less by data");
  }
}
