package ai.dmt.scaling;

/**
 * What one run of a model of some size measured.
 *
 * @param size of the model, such as its parameters, above 0
 * @param amount of data, above 0
 * @param value above 0, the less the better: a loss, or the odds against a share
 */
public record SizedObservation(double size, double amount, double value) {
  /**
   * Checks that all have a logarithm.
   *
   * @param size of the model, such as its parameters, above 0
   * @param amount of data, above 0
   * @param value above 0, the less the better: a loss, or the odds against a share
   */
  public SizedObservation {
    if (!(size > 0) || !(amount > 0) || !(value > 0) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "expected a size, an amount and a value above 0, got %s, %s and %s"
              .formatted(size, amount, value));
    }
  }
}
