package ai.dmt.train;

import ai.dmt.engine.SourceLoss;
import java.util.List;

/**
 * Held-out loss.
 *
 * @param sources in the order of the engine's sources; some may have no label tokens
 */
public record Evaluation(List<SourceLoss> sources) {
  /** Copies the list. */
  public Evaluation {
    sources = List.copyOf(sources);
  }

  /** Mean over the label tokens of all sources in nats. */
  public double loss() {
    return sources.stream().reduce(new SourceLoss("all", 0, 0), SourceLoss::plus).mean();
  }
}
