package ai.dmt.scaling;

import java.util.List;

/**
 * A fitted law, y = plateau + factor * n^exponent.
 *
 * @param law that was fitted
 * @param plateau 0 for a law without one
 * @param factor 0 for a constant
 * @param exponent power of the amount
 * @param atEdge whether the best is at an edge of what was searched, so that it is no fit
 */
public record Fit(ScalingLaw law, double plateau, double factor, double exponent, boolean atEdge) {
  /**
   * {@return the law's value of an amount}
   *
   * @param amount of data, above 0
   */
  public double at(double amount) {
    return plateau + (factor == 0 ? 0 : factor * Math.pow(amount, exponent));
  }

  /** Sum of squared residuals of logarithms: errors are ratios, whatever the height. */
  double squares(List<Observation> data) {
    double sum = 0;
    for (Observation one : data) {
      double residual = Math.log(one.value() / at(one.amount()));
      sum += residual * residual;
    }
    return sum;
  }
}
