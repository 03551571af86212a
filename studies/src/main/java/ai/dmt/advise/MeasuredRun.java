package ai.dmt.advise;

import ai.dmt.study.AbilityScore;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mixture that was trained on, and what it gave.
 *
 * @param plan what was trained on
 * @param heldOut loss of each source's held-out samples at the end, in nats per label token
 * @param scores of benchmarks; none where nobody asked for them
 */
public record MeasuredRun(
    MixturePlan plan, Map<String, Double> heldOut, List<AbilityScore> scores) {
  /**
   * Keeps the order.
   *
   * @param plan what was trained on
   * @param heldOut loss of each source's held-out samples at the end, in nats per label token
   * @param scores of benchmarks
   */
  public MeasuredRun {
    heldOut = Collections.unmodifiableMap(new LinkedHashMap<>(heldOut));
    scores = List.copyOf(scores);
  }

  /** Logarithm of a source's held-out loss. */
  double logLoss(String source) {
    return Math.log(loss(source));
  }

  /** Logarithms of all its losses. */
  Map<String, Double> logLosses() {
    Map<String, Double> losses = new LinkedHashMap<>();
    heldOut.keySet().forEach(source -> losses.put(source, logLoss(source)));
    return losses;
  }

  /** A source's held-out loss. */
  double loss(String source) {
    Double loss = heldOut.get(source);
    if (loss == null) {
      throw new IllegalArgumentException(
          "the run of %s has no held-out loss of %s, only of %s"
              .formatted(plan.text(), source, heldOut.keySet()));
    }
    return loss;
  }

  /** Its score of a title, if it was scored. */
  Optional<AbilityScore> score(String title) {
    return scores.stream().filter(score -> score.title().equals(title)).findFirst();
  }
}
