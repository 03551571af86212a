package ai.dmt.scaling;

import java.util.List;

/**
 * A fitted law, y = plateau + factor * n^exponent.
 *
 * @param law that was fitted
 * @param plateau 0 for a power law without one
 * @param factor 0 for a constant
 * @param exponent power of the amount
 */
public record Fit(ScalingLaw law, double plateau, double factor, double exponent) {
  private static final double LEAST_SQUARES = 1e-24; // of data that a law meets exactly

  /**
   * {@return the law's value of an amount}
   *
   * @param amount of data, above 0
   */
  public double at(double amount) {
    return plateau + (factor == 0 ? 0 : factor * Math.pow(amount, exponent));
  }

  /** Sum of squared residuals. */
  double squares(List<Observation> data) {
    double sum = 0;
    for (Observation one : data) {
      double residual = one.value() - at(one.amount());
      sum += residual * residual;
    }
    return sum;
  }

  /**
   * {@return Akaike's criterion for small samples, of normal errors; the less, the more likely} NaN
   * where there are too few observations for so many parameters.
   *
   * @param data that the law was fitted to
   */
  public double aicc(List<Observation> data) {
    int n = data.size();
    int k = law.parameters() + 1; // and the errors' variance
    if (n - k - 1 <= 0) {
      return Double.NaN;
    }
    return n * Math.log(Math.max(squares(data), LEAST_SQUARES) / n)
        + 2.0 * k
        + 2.0 * k * (k + 1) / (n - k - 1);
  }
}
