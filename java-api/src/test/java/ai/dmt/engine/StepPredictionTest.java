package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.bindings.DmtEngine;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What travels between ranks, and how long a step then takes, without native code. */
class StepPredictionTest {
  private static final int CASES = 500;

  @Tag("native")
  @Test
  void agreesWithTheEngineOnFullAndGradOp() {
    NativeRuntime.threads(); // loads the engine
    Random random = new Random(20261129);
    for (int i = 0; i < CASES; i++) {
      ModelConfig model = MemoryPlanTest.model(random);
      EngineConfig drawn = MemoryPlanTest.withAdapter(random, model, MemoryPlanTest.config(random));
      if (!drawn.trainable()) {
        continue; // it makes no steps
      }
      Sharding mode = random.nextBoolean() ? Sharding.FULL : Sharding.GRAD_OP;
      EngineConfig config = drawn.withSharding(drawn.sharding().withMode(mode));
      WorkSeconds work = work(random);
      int microBatches = 1 + random.nextInt(5);
      var engines =
          DmtEngine.predict_step(
              NativeConfigs.of(model),
              NativeConfigs.of(config),
              NativeConfigs.of(work),
              microBatches,
              new ai.dmt.bindings.Interconnect());
      StepPrediction own =
          StepPrediction.of(model, config, work, microBatches, Interconnect.NVLINK_4);
      assertClose(engines.seconds(), own.seconds());
      assertClose(engines.computation(), own.computation());
      assertClose(engines.slow_down(), own.slowDown());
      assertClose(engines.exposed(), own.exposed());
      assertClose(engines.communication(), own.communication());
    }
  }

  /** 4 ranks, float32: 3/4 of all gradients reach a rank to be added up, and 3/4 of the sums. */
  @Test
  void ranksThatKeepEverythingSendGradientsThereAndBackOnce() {
    ModelConfig model = ModelConfig.llama(100, 32, 64, 2, 4, 4, 64);
    EngineConfig config = simulated(Sharding.NONE, 4, 4);
    WorkSeconds work = new WorkSeconds(1, 0, 0, 0, 0, 0, 1);
    StepPrediction p =
        StepPrediction.of(model, config, work, 8, new Interconnect(1e9, 1e9, 1e6, 0));
    assertEquals(model.parameters() * 4 * 1.5 / 1e6, p.communication(), 1e-9);
    assertEquals(1 + p.communication(), p.seconds(), 1e-9);
  }

  /** Of two nodes of 2: half of the gradients within a node, slices of half between the nodes. */
  @Test
  void hybridAddsTheSlicesOfAllNodes() {
    ModelConfig model = ModelConfig.llama(100, 32, 64, 2, 4, 4, 64);
    WorkSeconds work = new WorkSeconds(1, 0, 0, 0, 0, 0, 1);
    double alone =
        StepPrediction.of(
                model, simulated(Sharding.FULL, 2, 2), work, 1, new Interconnect(1, 1, 1, 0))
            .communication();
    double both =
        StepPrediction.of(
                model, simulated(Sharding.HYBRID, 4, 2), work, 1, new Interconnect(1, 1, 1, 0))
            .communication();
    assertEquals(model.parameters() * 4 / 2.0, both - alone, 4 * 8.0);
    assertTrue(both > alone);
  }

  @Test
  void operationsAreThePublishedOnes() {
    ModelConfig seven = ModelConfig.llama(32000, 4096, 11008, 32, 32, 32, 2048);
    assertEquals(41.25, seven.trainingFlopsPerToken(2048) / 1e9, 0.01);
    assertEquals(6_738_415_616L, seven.parameters());
  }

  private static EngineConfig simulated(Sharding mode, int ranks, int nodeSize) {
    EngineConfig base = EngineConfig.defaults().withSources(List.of("a"));
    return base.withSharding(base.sharding().withMode(mode))
        .withRanks(RankGroups.simulated(ranks, nodeSize));
  }

  private static WorkSeconds work(Random random) {
    double products = random.nextDouble() * 1e-3;
    double optimizer = random.nextDouble() * 1e-4;
    double communication = random.nextDouble() * 1e-4;
    double other = random.nextDouble() * 1e-4;
    return new WorkSeconds(
        products, 0, 0, 0, optimizer, communication, products + optimizer + communication + other);
  }

  private static void assertClose(double expected, double actual) {
    assertEquals(expected, actual, 1e-9 * Math.abs(expected) + 1e-18);
  }
}
