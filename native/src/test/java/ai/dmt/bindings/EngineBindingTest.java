package ai.dmt.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EngineBindingTest {
  @BeforeAll
  static void load() {
    NativeLoader.load();
  }

  @Test
  void enumsCrossInBothDirections() {
    try (EngineConfig config = new EngineConfig()) {
      assertSame(DmtEngine.DType.kFloat32, config.compute_dtype().intern());
      for (DmtEngine.DType dtype : DmtEngine.DType.values()) {
        assertSame(dtype, config.compute_dtype(dtype).compute_dtype().intern());
      }
      for (DmtEngine.Recompute recompute : DmtEngine.Recompute.values()) {
        assertSame(recompute, config.recompute(recompute).recompute().intern());
      }
    }
  }

  @Test
  void primitiveArraysAreFilled() {
    try (ModelConfig model = new ModelConfig();
        EngineConfig config = new EngineConfig()) {
      model.vocab_size(11).hidden_size(8).intermediate_size(12).layers(1).heads(2).kv_heads(1);
      model.head_dim(4).max_position_embeddings(16);
      try (Engine engine = new Engine(model, 7, config)) {
        assertEquals("model.embed_tokens.weight", engine.tensor_name(0).getString());
        float[] weight = new float[(int) engine.tensor_size(0)];
        engine.read_weight(0, weight);
        assertNotEquals(0f, weight[0]);

        double[] lossSums = {-1};
        long[] labelTokens = {-1};
        engine.step_source_losses(lossSums, labelTokens);
        assertEquals(0, labelTokens[0]);
      }
    }
  }

  @Test
  void nativeErrorsArriveWithTheirMessage() {
    try (EngineConfig config = new EngineConfig()) {
      RuntimeException error =
          assertThrows(RuntimeException.class, () -> new Engine("/no/such/model", config));
      assertTrue(error.getMessage().contains("/no/such/model"), error.getMessage());
    }
  }
}
