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
  /**
   * {@return what an engine will hold; nothing is allocated, and no native code is loaded}
   *
   * @param model shape of the model
   * @param config how the engine would compute
   * @param microBatchTokens of the largest micro-batch, all of them labels; 0 for no step
   */
  public static MemoryAccount planned(
      ModelConfig model, EngineConfig config, long microBatchTokens) {
    return MemoryPlan.of(model, config, microBatchTokens, microBatchTokens, 0);
  }

  /**
   * {@return what an engine will hold whose labels are counted, and that measures held-out loss}
   *
   * @param model shape of the model
   * @param config how the engine would compute
   * @param microBatchTokens of the largest micro-batch; 0 for no step
   * @param labels of these
   * @param evaluatedTokens of the largest micro-batch that is evaluated, forward alone; 0 for none
   */
  public static MemoryAccount planned(
      ModelConfig model,
      EngineConfig config,
      long microBatchTokens,
      long labels,
      long evaluatedTokens) {
    return MemoryPlan.of(model, config, microBatchTokens, labels, evaluatedTokens);
  }

  /**
   * {@return bytes that a gradient takes on a rank while it is kept to be compared, see {@link
   * TrainingEngine#gradientProducts}}
   *
   * @param model shape of the model
   * @param config how the engine would compute
   */
  public static long keptGradient(ModelConfig model, EngineConfig config) {
    return MemoryPlan.keptGradient(model, config);
  }

  /**
   * {@return a copy with more {@link #gradients()}}
   *
   * @param bytes of gradients that are kept beside those of a step
   */
  public MemoryAccount withKeptGradients(long bytes) {
    return new MemoryAccount(
        weights, masterWeights, gradients + bytes, optimizerStates, buffers, activationsPeak);
  }

  /** {@return the sum of all, in bytes} */
  public long total() {
    return weights + masterWeights + gradients + optimizerStates + buffers + activationsPeak;
  }
}
