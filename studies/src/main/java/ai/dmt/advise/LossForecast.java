package ai.dmt.advise;

import ai.dmt.internal.text.Units;

/**
 * What a mixture is predicted to end with.
 *
 * @param estimate held-out loss, in nats per label token
 * @param low lower end of the interval that holds nine of ten runs
 * @param high its upper end
 */
public record LossForecast(double estimate, double low, double high) {
  static LossForecast ofLogarithms(double mean, double half) {
    return new LossForecast(Math.exp(mean), Math.exp(mean - half), Math.exp(mean + half));
  }

  /** {@return such as "0.651 [0.58, 0.73]"} */
  public String text() {
    return Units.format("%.3f [%.2f, %.2f]", estimate, low, high);
  }
}
