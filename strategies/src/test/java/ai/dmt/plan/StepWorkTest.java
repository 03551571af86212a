package ai.dmt.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.Recompute;
import org.junit.jupiter.api.Test;

/** What a step computes, beside sums by hand. */
class StepWorkTest {
  private static final ModelConfig MODEL = ModelConfig.llama(100, 32, 80, 3, 4, 2, 64);
  private static final SampleLengths LENGTHS = new SampleLengths(10, 10, 0.5, "for tests");
  private static final double TOKENS = 40;

  /** Of a block: queries and output 32 x 32, keys and values 16 x 32, and three of 80 x 32. */
  private static final double BLOCK = 2 * 32 * 32 + 2 * 16 * 32 + 3 * 80 * 32;

  private static final double HEAD = 100 * 32;

  private static double products(EngineConfig config) {
    return StepWork.of(MODEL, config, TOKENS, LENGTHS).products();
  }

  private static EngineConfig beside(AdapterTarget... targets) {
    return EngineConfig.defaults().withAdapter(AdapterConfig.lora(4, 8, targets));
  }

  @Test
  void allWeightsTakeThreeProductsAndAFrozenModelTwo() {
    assertEquals(TOKENS * 3 * 6 * BLOCK + TOKENS / 2 * 6 * HEAD, products(EngineConfig.defaults()));
    // Rank 4 beside queries: forward, and both its matrices backward with its own input again.
    double narrow = 3 * 2 * 4 * (4 * 32 + 3 * 32);
    assertEquals(
        TOKENS * (3 * 4 * BLOCK + narrow) + TOKENS / 2 * 4 * HEAD,
        products(beside(AdapterTarget.Q_PROJ)));
  }

  @Test
  void whatIsRecomputedIsComputedWithItsAdapter() {
    double more =
        products(beside(AdapterTarget.Q_PROJ).withRecompute(Recompute.FULL))
            - products(beside(AdapterTarget.Q_PROJ));
    assertEquals(TOKENS * 3 * 2 * (BLOCK - 80 * 32 + 4 * (32 + 32)), more);
    // Nothing reads the last product of a block.
    double down =
        products(beside(AdapterTarget.DOWN_PROJ).withRecompute(Recompute.FULL))
            - products(beside(AdapterTarget.DOWN_PROJ));
    assertEquals(TOKENS * 3 * 2 * (BLOCK - 80 * 32), down);
  }

  @Test
  void headAndEmbeddingsAreOutsideTheBlocks() {
    double base = TOKENS * 3 * 4 * BLOCK + TOKENS / 2 * 4 * HEAD;
    assertEquals(
        base + TOKENS / 2 * 2 * 4 * (4 * 32 + 3 * 100), products(beside(AdapterTarget.LM_HEAD)));
    assertEquals(base + TOKENS * 3 * 2 * 4 * 32, products(beside(AdapterTarget.EMBED_TOKENS)));
  }

  @Test
  void targetsOfOneInputDropItOnce() {
    EngineConfig config = beside(AdapterTarget.K_PROJ, AdapterTarget.V_PROJ);
    AdapterConfig dropping = config.adapter().orElseThrow().withDropout(0.1);
    double more =
        StepWork.of(MODEL, config.withAdapter(dropping), TOKENS, LENGTHS).elements()
            - StepWork.of(MODEL, config, TOKENS, LENGTHS).elements();
    assertEquals(TOKENS * 3 * 4 * 32, more);
  }

  /** Codes are read, whole weights written and read: forward, backward, and what is recomputed. */
  @Test
  void quantisedWeightsAreMadeWholeForEachPass() {
    EngineConfig config = beside();
    double frozen = StepWork.bytesRead(MODEL, config);
    assertEquals(2 * 4.0 * MODEL.parameters(), frozen);
    double int8 = StepWork.bytesRead(MODEL, config.withBaseWeights(BaseWeights.INT8));
    assertEquals(3 * 2 * BLOCK * (4 + 1), int8 - frozen);
    double again =
        StepWork.bytesRead(
            MODEL, config.withBaseWeights(BaseWeights.INT8).withRecompute(Recompute.ATTENTION));
    assertEquals(3 * (BLOCK - 80 * 32) * (4 + 1), again - int8);
  }

  @Test
  void theOwnOperationsOfAFrozenModelAreTwoThirds() {
    EngineConfig config = beside(AdapterTarget.Q_PROJ);
    double narrow = 3 * 2 * 4 * (4 * 32 + 3 * 32);
    double attention = 6 * 3 * 32 * 10;
    assertEquals(
        4 * (3 * (BLOCK + 2 * 32) + HEAD) + attention + narrow,
        StepWork.ownFlopsPerToken(MODEL, config.withRecompute(Recompute.FULL), 10),
        1e-6);
  }
}
