package ai.dmt.scaling;

/**
 * What one run measured.
 *
 * @param amount of data, above 0
 * @param value above 0, the less the better: a loss, or the odds against a share
 */
public record Observation(double amount, double value) {
  /**
   * Checks that both have a logarithm.
   *
   * @param amount of data, above 0
   * @param value above 0, the less the better: a loss, or the odds against a share
   */
  public Observation {
    if (!(amount > 0) || !(value > 0) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "expected an amount and a value above 0, got %s and %s".formatted(amount, value));
    }
  }
}
