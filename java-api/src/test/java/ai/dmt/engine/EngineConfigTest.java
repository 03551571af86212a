package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.config.ConfigException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineConfigTest {
  @Test
  void allFaultsAreReportedTogether() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                new EngineConfig(
                    null,
                    null,
                    DType.BFLOAT16,
                    Recompute.NONE,
                    true,
                    null,
                    -1,
                    List.of("a", "a"),
                    0,
                    -2,
                    null,
                    null,
                    ShardingConfig.defaults(),
                    null));
    assertEquals(
        "engine: device is missing; computeDType is missing; gradients in bfloat16 need dtype"
            + " bfloat16, got null; adamW is missing; maxGradientNorm must be finite and not"
            + " negative, got -1.0; sources must have different names, got [a, a]; lossChunkTokens"
            + " must be positive, got 0; threads must not be negative, got -2; adapter is missing;"
            + " baseWeights is missing; ranks is missing",
        e.getMessage());
    assertThrows(ConfigException.class, () -> EngineConfig.defaults().withSources(List.of()));
  }

  @Test
  void copiesChangeOneValue() {
    EngineConfig config =
        EngineConfig.defaults()
            .withDevice(DeviceConfig.cuda())
            .withComputeDType(DType.BFLOAT16)
            .withGradientDType(DType.BFLOAT16)
            .withRecompute(Recompute.FULL)
            .withAdamW(AdamWConfig.defaults().withWeightDecay(0.1))
            .withMaxGradientNorm(0)
            .withSources(List.of("a", "b"))
            .withLossChunkTokens(7)
            .withThreads(3)
            .withAdapter(AdapterConfig.lora(4, 8))
            .withBaseWeights(BaseWeights.NF4)
            .withSharding(ShardingConfig.defaults().withMode(Sharding.GRAD_OP))
            .withRanks(RankGroups.simulated(8, 4));
    AdamWConfig adamW = new AdamWConfig(0.9, 0.999, 1e-8, 0.1);
    assertEquals(
        new EngineConfig(
            new DeviceConfig(Device.CUDA, DeviceConfig.LOCAL_RANK),
            DType.BFLOAT16,
            DType.BFLOAT16,
            Recompute.FULL,
            true,
            adamW,
            0,
            List.of("a", "b"),
            7,
            3,
            Optional.of(AdapterConfig.lora(4, 8)),
            BaseWeights.NF4,
            ShardingConfig.defaults().withMode(Sharding.GRAD_OP),
            new RankGroups(0, 8, 4, RankGroups.Kind.SIMULATED, 0, 0, 0)),
        config);
    assertFalse(EngineConfig.inference().trainable());
  }

  @Test
  void quantisedWeightsAreNotTrained() {
    EngineConfig training = EngineConfig.defaults();
    ConfigException e =
        assertThrows(ConfigException.class, () -> training.withBaseWeights(BaseWeights.INT8));
    assertEquals(
        "engine: base weights in int8 need an adapter: all weights are trained without one",
        e.getMessage());
    EngineConfig config =
        training.withAdapter(AdapterConfig.lora(4, 8)).withBaseWeights(BaseWeights.INT8);
    assertThrows(ConfigException.class, config::withoutAdapter);
    assertEquals(
        BaseWeights.NF4, EngineConfig.inference().withBaseWeights(BaseWeights.NF4).baseWeights());
  }

  @Test
  void aGpuIsTheLocalRanksUnlessItsNumberIsTold() {
    assertEquals(new DeviceConfig(Device.CUDA, 3), DeviceConfig.cuda().at(3));
    assertEquals(new DeviceConfig(Device.CUDA, 1), new DeviceConfig(Device.CUDA, 1).at(3));
    assertEquals(2, new RankGroups(6, 8, 4, RankGroups.Kind.SIMULATED, 0, 0, 0).localRank());
    ConfigException e =
        assertThrows(ConfigException.class, () -> new DeviceConfig(Device.CUDA, -2));
    assertEquals(
        "device: device_index must be the number of a GPU from 0, or -1 for the local rank, got -2",
        e.getMessage());
  }

  @Test
  void bfloat16GradientsNeedThatType() {
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> EngineConfig.defaults().withGradientDType(DType.BFLOAT16));
    assertEquals("engine: gradients in bfloat16 need dtype bfloat16, got float32", e.getMessage());
  }

  @Test
  void adamWRangesAreChecked() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> new AdamWConfig(1, -0.1, 0, Double.NaN));
    assertEquals(
        "adamW: beta1 must be in [0.0, 1.0), got 1.0; beta2 must be in [0.0, 1.0), got -0.1;"
            + " epsilon must be positive and finite, got 0.0; weightDecay must be finite and not"
            + " negative, got NaN",
        e.getMessage());
  }

  @Test
  void namesAreReadAsTheyAreWritten() {
    for (Device device : Device.values()) {
      assertEquals(device, Device.parse(device.text()));
    }
    for (DType type : DType.values()) {
      assertEquals(type, DType.parse(type.text()));
    }
    for (Sharding mode : Sharding.values()) {
      assertEquals(mode, Sharding.parse(mode.text()));
    }
    for (GradientReduction reduction : GradientReduction.values()) {
      assertEquals(reduction, GradientReduction.parse(reduction.text()));
    }
    for (ReduceCollective collective : ReduceCollective.values()) {
      assertEquals(collective, ReduceCollective.parse(collective.text()));
    }
    for (Recompute level : Recompute.values()) {
      assertEquals(level, Recompute.parse(level.text()));
    }
    assertEquals(
        "dtype must be float32 or bfloat16, got \"fp16\"",
        assertThrows(ConfigException.class, () -> DType.parse("fp16")).getMessage());
    assertEquals(
        "recompute must be none, cheap, attention or full, got \"FULL\"",
        assertThrows(ConfigException.class, () -> Recompute.parse("FULL")).getMessage());
  }
}
