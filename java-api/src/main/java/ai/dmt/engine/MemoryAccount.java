package ai.dmt.engine;

/**
 * Bytes that an engine holds on its rank, by purpose.
 *
 * @param weights in the compute dtype
 * @param masterWeights the 16 bits that each bfloat16 weight lacks of float32; 0 where none do
 * @param gradients in the gradient dtype
 * @param optimizerStates both moments
 * @param buffers gathered weights and gradients on their way; 0 on one rank
 * @param activationsPeak largest sum of activations and temporaries so far
 */
public record MemoryAccount(
    long weights,
    long masterWeights,
    long gradients,
    long optimizerStates,
    long buffers,
    long activationsPeak) {
  /** {@return the sum of all, in bytes} */
  public long total() {
    return weights + masterWeights + gradients + optimizerStates + buffers + activationsPeak;
  }
}
