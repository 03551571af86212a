package ai.dmt.run;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;

/**
 * What rank 0 decides for all, before the engine of the run is opened: ranks may lie on machines
 * that would decide otherwise.
 *
 * @param maxTokens of a micro-batch
 * @param preflight whether there is one
 */
record RunAgreement(int maxTokens, boolean preflight) {
  private static final ModelConfig SMALL = ModelConfig.llama(64, 64, 64, 1, 1, 1, 64);

  /** Tells the other ranks, through a small engine; all of them call it. That of rank 0 counts. */
  RunAgreement shared(EngineConfig config) {
    if (config.ranks().worldSize() == 1) {
      return this;
    }
    boolean first = config.ranks().rank() == 0;
    double[] words = {first ? maxTokens : 0, first && preflight ? 1 : 0};
    try (NativeEngine engine = NativeEngine.create(SMALL, 0, config)) {
      engine.sumOverRanks(words);
    }
    return new RunAgreement((int) words[0], words[1] > 0);
  }
}
