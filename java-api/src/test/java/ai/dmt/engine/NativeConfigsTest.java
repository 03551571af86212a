package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.NativeLoader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What settings become on their way to the native engine. */
@Tag("native")
class NativeConfigsTest {
  @BeforeAll
  static void load() {
    NativeLoader.load();
  }

  @Test
  void deviceAndTypeOfGradientsArePassedOn() {
    NativeCall.run(
        () -> {
          ai.dmt.bindings.EngineConfig plain = NativeConfigs.of(EngineConfig.defaults());
          assertEquals(DmtEngine.Device.kCpu, plain.device().intern());
          assertEquals(DmtEngine.DType.kFloat32, plain.gradient_dtype().intern());
          EngineConfig config =
              EngineConfig.defaults()
                  .withDevice(new DeviceConfig(Device.CUDA, 5))
                  .withComputeDType(DType.BFLOAT16)
                  .withGradientDType(DType.BFLOAT16);
          ai.dmt.bindings.EngineConfig gpu = NativeConfigs.of(config);
          assertEquals(DmtEngine.Device.kCuda, gpu.device().intern());
          assertEquals(5, gpu.device_index());
          assertEquals(DmtEngine.DType.kBFloat16, gpu.gradient_dtype().intern());
        });
  }

  @Test
  void everyRankOfANodeTakesTheGpuOfItsOwnNumber() {
    EngineConfig config = EngineConfig.defaults().withDevice(DeviceConfig.cuda());
    RankGroups ranks = new RankGroups(6, 8, 4, RankGroups.Kind.SIMULATED, 0, 0, 0);
    NativeCall.run(
        () -> {
          assertEquals(0, NativeConfigs.of(config).device_index());
          assertEquals(2, NativeConfigs.of(config.withRanks(ranks)).device_index());
        });
  }
}
