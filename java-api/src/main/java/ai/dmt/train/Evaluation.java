package ai.dmt.train;

import ai.dmt.engine.SourceLoss;
import java.util.List;

/**
 * Held-out loss.
 *
 * @param sources in the order of the engine's sources; some may have no label tokens
 */
public record Evaluation(List<SourceLoss> sources) {
  /**
   * Copies the list.
   *
   * @param sources one per source of the engine
   */
  public Evaluation {
    sources = List.copyOf(sources);
  }

  /** {@return the mean over the label tokens of all sources in nats; NaN where there are none} */
  public double loss() {
    return sources.stream().reduce(new SourceLoss("all", 0, 0), SourceLoss::plus).mean();
  }
}
