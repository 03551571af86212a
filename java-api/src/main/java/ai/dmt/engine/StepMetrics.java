package ai.dmt.engine;

import java.util.List;

/**
 * What one optimizer step did.
 *
 * @param step 1 for the first
 * @param loss mean over the step's label tokens in nats, whatever their weights in the gradient
 * @param gradientNorm global 2-norm before clipping
 * @param labelTokens tokens that carried loss
 * @param tokens tokens that were computed
 * @param sources loss of each source, in the order of {@link EngineConfig#sources()}
 */
public record StepMetrics(
    long step,
    double loss,
    double gradientNorm,
    long labelTokens,
    long tokens,
    List<SourceLoss> sources) {
  /**
   * Copies the list.
   *
   * @param step from 1
   * @param loss in nats; finite
   * @param gradientNorm before clipping; finite
   * @param labelTokens of all ranks
   * @param tokens of all ranks
   * @param sources one per source of the engine
   */
  public StepMetrics {
    sources = List.copyOf(sources);
  }
}
