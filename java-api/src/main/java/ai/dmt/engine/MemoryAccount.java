package ai.dmt.engine;

/**
 * Bytes that an engine holds, by purpose.
 *
 * @param weights in the compute dtype
 * @param masterWeights float32; 0 where the weights themselves are float32
 * @param gradients float32
 * @param optimizerStates both moments, float32
 * @param activationsPeak largest sum of activations and temporaries so far
 */
public record MemoryAccount(
    long weights, long masterWeights, long gradients, long optimizerStates, long activationsPeak) {
  /** Sum of all. */
  public long total() {
    return weights + masterWeights + gradients + optimizerStates + activationsPeak;
  }
}
