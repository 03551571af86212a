package ai.dmt.evaluators;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A 95 % interval around a score, in the score's own units; in JSON {@code [low, high]}.
 *
 * @param low lower end, finite
 * @param high upper end, finite, not below the lower one
 */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({"low", "high"})
public record Interval(double low, double high) {
  /**
   * Demands finite ends in their order.
   *
   * @param low lower end, finite
   * @param high upper end, finite, not below the lower one
   */
  public Interval {
    if (!(low <= high) || !Double.isFinite(low) || !Double.isFinite(high)) {
      throw new IllegalArgumentException(
          "an interval needs finite ends, the lower first, got [%s, %s]".formatted(low, high));
    }
  }
}
