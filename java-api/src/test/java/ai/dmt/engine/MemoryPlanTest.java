package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.Engine;
import ai.dmt.bindings.GradientSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The plan in Java and the engine's own, which goes through the model, agree to the byte. */
@Tag("native")
class MemoryPlanTest {
  private static final int CASES = 3000;

  @Test
  void agreesWithTheEngineInEveryMode() {
    NativeRuntime.threads(); // loads the engine
    Random random = new Random(20261129);
    for (int i = 0; i < CASES; i++) {
      ModelConfig model = model(random);
      EngineConfig config = withAdapter(random, model, config(random));
      long tokens = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(3000);
      assertEquals(
          text(engines(model, config, tokens)),
          text(MemoryAccount.planned(model, config, tokens)),
          () -> "%s%n%s%n%s tokens".formatted(model, config, tokens));
    }
  }

  @Test
  void anEngineThatTrainsHoldsWhatWasPlanned() {
    ModelConfig model = ModelConfig.llama(97, 32, 80, 3, 4, 2, 64);
    EngineConfig config = EngineConfig.defaults();
    MicroBatch batch = MicroBatch.of(new int[] {1, 2, 3, 4, 5}, new int[] {2, 3, 4, 5, 6});
    try (NativeEngine engine = NativeEngine.create(model, 7, config)) {
      engine.accumulate(batch, 0.2);
      engine.apply(1e-3);
      assertEquals(MemoryAccount.planned(model, config, 5), engine.memory());
    }
  }

  @Test
  void aGradientThatIsKeptTakesWhatWasPlanned() {
    NativeRuntime.threads(); // loads the engine
    ModelConfig model = ModelConfig.llama(97, 32, 80, 3, 4, 2, 64);
    EngineConfig exact = EngineConfig.defaults();
    EngineConfig rounded = exact.withComputeDType(DType.BFLOAT16).withGradientDType(DType.BFLOAT16);
    MicroBatch batch = MicroBatch.of(new int[] {1, 2, 3, 4, 5}, new int[] {2, 3, 4, 5, 6});
    for (EngineConfig config :
        List.of(exact, rounded, exact.withAdapter(AdapterConfig.lora(4, 8)))) {
      try (Engine engine = new Engine(NativeConfigs.of(model), 7, NativeConfigs.of(config));
          GradientSet kept = new GradientSet(engine)) {
        long before = engine.memory_account().gradients();
        for (int count = 1; count < 4; count++) {
          engine.accumulate(NativeConfigs.of(batch), 0.2);
          kept.keep();
          assertEquals(
              before + count * MemoryAccount.keptGradient(model, config),
              engine.memory_account().gradients());
        }
      }
    }
  }

  private static MemoryAccount engines(ModelConfig model, EngineConfig config, long tokens) {
    var account =
        DmtEngine.planned_memory(NativeConfigs.of(model), NativeConfigs.of(config), tokens);
    return new MemoryAccount(
        account.weights(),
        account.master_weights(),
        account.gradients(),
        account.optimizer_states(),
        account.buffers(),
        account.activations_peak());
  }

  private static String text(MemoryAccount account) {
    return account.toString().replace(", ", "\n");
  }

  static ModelConfig model(RandomGenerator random) {
    int kvHeads = 1 + random.nextInt(3);
    int heads = kvHeads * (1 + random.nextInt(3));
    ModelConfig model =
        ModelConfig.llama(
            50 + random.nextInt(500),
            heads * 2 * (1 + random.nextInt(12)),
            1 + random.nextInt(200),
            1 + random.nextInt(5),
            heads,
            kvHeads,
            16 + random.nextInt(2000));
    return random.nextInt(3) == 0 ? model.withTiedEmbeddings() : model;
  }

  static EngineConfig config(RandomGenerator random) {
    boolean bfloat16 = random.nextBoolean();
    DType reduced = bfloat16 && random.nextBoolean() ? DType.BFLOAT16 : DType.FLOAT32;
    int nodes = 1 + random.nextInt(3);
    int nodeSize = 1 + random.nextInt(4);
    EngineConfig base = random.nextInt(4) == 0 ? EngineConfig.inference() : EngineConfig.defaults();
    return base.withDevice(
            random.nextBoolean() ? DeviceConfig.CPU : new DeviceConfig(Device.CUDA, 0))
        .withComputeDType(bfloat16 ? DType.BFLOAT16 : DType.FLOAT32)
        .withGradientDType(reduced)
        .withAdamW(
            new AdamWConfig(
                0.9,
                0.999,
                1e-8,
                0,
                bfloat16 && random.nextBoolean() ? DType.BFLOAT16 : DType.FLOAT32))
        .withRecompute(any(random, Recompute.values()))
        .withLossChunkTokens(1 + random.nextInt(1500))
        .withSharding(
            new ShardingConfig(
                any(random, Sharding.values()),
                any(random, DType.FLOAT32, DType.BFLOAT16),
                any(random, GradientReduction.values()),
                any(random, ReduceCollective.values())))
        .withRanks(RankGroups.simulated(nodes * nodeSize, nodeSize));
  }

  /**
   * The same in half of all cases, else beside an adapter on attention, on all matrices of a block
   * or on any targets; and with quantised matrices where that may be.
   */
  static EngineConfig withAdapter(RandomGenerator random, ModelConfig model, EngineConfig config) {
    EngineConfig beside = config;
    if (random.nextBoolean()) {
      int alike = random.nextInt(3);
      Map<AdapterTarget, AdapterConfig.Size> sizes = new EnumMap<>(AdapterTarget.class);
      for (AdapterTarget target : AdapterTarget.values()) {
        boolean chosen =
            switch (alike) {
              case 0 -> target == AdapterTarget.Q_PROJ || target == AdapterTarget.V_PROJ;
              case 1 -> target.isOfBlock();
              default -> random.nextInt(3) == 0;
            };
        if (chosen && (target.isOfBlock() || !model.tieWordEmbeddings())) {
          int most =
              Math.min(AdapterShapes.rows(model, target), AdapterShapes.columns(model, target));
          sizes.put(target, new AdapterConfig.Size(1 + random.nextInt(Math.min(most, 40)), 8));
        }
      }
      if (!sizes.isEmpty()) {
        double dropout = random.nextBoolean() ? 0.1 : 0;
        beside = config.withAdapter(new AdapterConfig(sizes, false, dropout, 1));
      }
    }
    return beside.adapter().isPresent() || !beside.trainable()
        ? beside.withBaseWeights(any(random, BaseWeights.values()))
        : beside;
  }

  @SafeVarargs
  private static <T> T any(RandomGenerator random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
