package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
  @Test
  void headsMustFit() {
    assertEquals(
        "model: hiddenSize=65 must be a multiple of heads=4",
        assertThrows(ConfigException.class, () -> ModelConfig.llama(10, 65, 8, 1, 4, 4, 8))
            .getMessage());
    assertEquals(
        "model: heads=4 must be a multiple of kvHeads=3",
        assertThrows(ConfigException.class, () -> ModelConfig.llama(10, 64, 8, 1, 4, 3, 8))
            .getMessage());
    assertEquals(
        "model: headDim must be even, got 3",
        assertThrows(ConfigException.class, () -> ModelConfig.llama(10, 12, 8, 1, 4, 4, 8))
            .getMessage());
  }

  @Test
  void ropeScalingNeedsItsFactors() {
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> new RopeConfig(0, RopeConfig.Scaling.LLAMA3, 0, 4, 1, 0));
    assertTrue(e.getMessage().contains("theta must be positive"), e::getMessage);
    assertTrue(e.getMessage().contains("factor must be positive"), e::getMessage);
    assertTrue(e.getMessage().contains("highFreqFactor=1.0 must be more"), e::getMessage);
    assertTrue(e.getMessage().contains("originalMaxPositionEmbeddings"), e::getMessage);
    assertEquals(1, new RopeConfig(1, RopeConfig.Scaling.NONE, 1, 0, 0, 0).theta());
    assertEquals(
        new RopeConfig(5e5, RopeConfig.Scaling.LLAMA3, 8, 1, 4, 8192),
        RopeConfig.llama3(5e5, 8, 8192));
    assertEquals(RopeConfig.Scaling.LINEAR, RopeConfig.linear(1e4, 2).scaling());
    assertThrows(ConfigException.class, () -> RopeConfig.linear(1e4, 0));
  }
}
