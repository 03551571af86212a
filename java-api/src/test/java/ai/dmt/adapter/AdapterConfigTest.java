package ai.dmt.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdapterConfigTest {
  @Test
  void scaleIsAlphaByTheRankOrItsRoot() {
    AdapterConfig plain = AdapterConfig.lora(16, 32, AdapterTarget.Q_PROJ);
    assertEquals(2, plain.scale(AdapterTarget.Q_PROJ));
    assertEquals(8, plain.withRankStabilized(true).scale(AdapterTarget.Q_PROJ));
    assertEquals(0, plain.scale(AdapterTarget.K_PROJ));
  }

  @Test
  void withoutTargetsAllLinearOnesAreMeant() {
    assertEquals(AdapterTarget.ALL_LINEAR, List.copyOf(AdapterConfig.lora(4, 8).sizes().keySet()));
  }

  @Test
  void differencesNameTargetRanksAndScales() {
    AdapterConfig one = AdapterConfig.lora(8, 16, AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ);
    AdapterConfig other =
        AdapterConfig.lora(8, 8, AdapterTarget.V_PROJ)
            .withTarget(AdapterTarget.O_PROJ, 4, 8)
            .withDropout(0.1)
            .withSeed(9);
    assertEquals(
        List.of(
            "q_proj has rank 8, this run no adapter",
            "v_proj is scaled by 2.0, this run by 1.0",
            "o_proj has no adapter, this run rank 4"),
        one.differences(other, "this run"));
    assertEquals(List.of(), one.differences(one.withDropout(0.5).withSeed(3), "this run"));
  }

  @Test
  void faultsAreNamed() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> new AdapterConfig(Map.of(), false, 1, 0));
    assertTrue(e.getMessage().contains("targets must name at least one of [q_proj"), e::getMessage);
    assertTrue(e.getMessage().contains("dropout must be in [0.0, 1.0), got 1.0"), e::getMessage);
    ConfigException size =
        assertThrows(ConfigException.class, () -> AdapterConfig.lora(0, Double.NaN));
    assertEquals(2, size.faults().size(), size::getMessage);
  }
}
