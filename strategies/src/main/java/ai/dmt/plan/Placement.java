package ai.dmt.plan;

import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.StepPrediction;

/**
 * One way to run: settings that do not change what is learnt but for rounding, what a rank then
 * holds, and how long a step takes.
 *
 * @param config of the engine of rank 0
 * @param maxTokens of a micro-batch
 * @param microBatches of a rank and step
 * @param memory that rank 0 holds with the largest micro-batch
 * @param available bytes that it has for it
 * @param step how long a step takes
 * @param changesNumbers whether moments or gradients are of another type than the recipe says
 */
public record Placement(
    EngineConfig config,
    int maxTokens,
    int microBatches,
    MemoryAccount memory,
    long available,
    StepPrediction step,
    boolean changesNumbers) {
  /** {@return whether a rank has the memory} */
  public boolean fits() {
    return memory.total() <= available;
  }

  /** {@return the type of the moments} */
  public DType states() {
    return config.adamW().states();
  }
}
