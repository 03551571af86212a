package ai.dmt.run;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.NativeRuntime;
import java.util.function.Supplier;

/**
 * The engine of a run once it has loaded.
 *
 * @param model its shape
 * @param parameters elements of all weights
 * @param config what the engine was opened with
 * @param torchVersion such as "2.13.0"
 * @param threads of the CPU that it uses
 * @param plan memory with the largest micro-batch of the run
 * @param memory what the engine holds, at its most so far; asked on the thread that runs, before
 *     the run ends
 */
public record EngineFacts(
    ModelConfig model,
    long parameters,
    EngineConfig config,
    String torchVersion,
    int threads,
    MemoryAccount plan,
    Supplier<MemoryAccount> memory) {
  /** Those of a run's first engine. @param memory of the engine that the run has at the time */
  static EngineFacts of(
      NativeEngine engine,
      EngineConfig config,
      MemoryAccount plan,
      Supplier<MemoryAccount> memory) {
    return new EngineFacts(
        engine.model(),
        engine.parameterCount(),
        config,
        NativeRuntime.torchVersion(),
        engine.threads(),
        plan,
        memory);
  }
}
