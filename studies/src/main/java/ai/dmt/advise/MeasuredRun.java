package ai.dmt.advise;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A mixture that was trained on, and what it gave.
 *
 * @param plan what was trained on
 * @param heldOut loss of each source's held-out samples at the end, in nats per label token
 */
public record MeasuredRun(MixturePlan plan, Map<String, Double> heldOut) {
  /**
   * Keeps the order.
   *
   * @param plan what was trained on
   * @param heldOut loss of each source's held-out samples at the end, in nats per label token
   */
  public MeasuredRun {
    heldOut = Collections.unmodifiableMap(new LinkedHashMap<>(heldOut));
  }

  /** Logarithm of a source's held-out loss. */
  double logLoss(String source) {
    Double loss = heldOut.get(source);
    if (loss == null) {
      throw new IllegalArgumentException(
          "the run of %s has no held-out loss of %s, only of %s"
              .formatted(plan.text(), source, heldOut.keySet()));
    }
    return Math.log(loss);
  }
}
