package ai.dmt.scaling;

/**
 * What one run measured.
 *
 * @param amount of data, above 0
 * @param value a score or a loss
 */
public record Observation(double amount, double value) {
  /**
   * Checks the amount.
   *
   * @param amount of data, above 0
   * @param value a score or a loss
   */
  public Observation {
    if (!(amount > 0) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "expected an amount above 0 and a finite value, got %s and %s".formatted(amount, value));
    }
  }
}
