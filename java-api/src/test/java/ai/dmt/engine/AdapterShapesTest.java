package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.internal.records.RecordCopy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdapterShapesTest {
  /** Vocabulary 50, width 16, feed-forward 24, 2 blocks, 4 heads of 4, 2 of keys and values. */
  private static final ModelConfig MODEL = ModelConfig.llama(50, 16, 24, 2, 4, 2, 32);

  @Test
  void tensorsHavePeftsNamesAndShapes() {
    AdapterConfig adapter =
        AdapterConfig.lora(
            3, 6, AdapterTarget.K_PROJ, AdapterTarget.EMBED_TOKENS, AdapterTarget.LM_HEAD);
    String layer = "base_model.model.model.layers.%s.self_attn.k_proj.lora_%s.weight";
    assertEquals(
        Map.of(
            layer.formatted(0, "A"),
            List.of(3L, 16L),
            layer.formatted(0, "B"),
            List.of(8L, 3L),
            layer.formatted(1, "A"),
            List.of(3L, 16L),
            layer.formatted(1, "B"),
            List.of(8L, 3L),
            "base_model.model.model.embed_tokens.lora_embedding_A",
            List.of(3L, 50L),
            "base_model.model.model.embed_tokens.lora_embedding_B",
            List.of(16L, 3L),
            "base_model.model.lm_head.lora_A.weight",
            List.of(3L, 16L),
            "base_model.model.lm_head.lora_B.weight",
            List.of(50L, 3L)),
        AdapterShapes.tensors(MODEL, adapter));
  }

  @Test
  void parametersAreThoseOfAllTensors() {
    // Of a block: q 16+16, k and v 16+8 each, o 16+16, gate and up 16+24 each, down 24+16.
    long ofBlock = 32 + 24 + 24 + 32 + 40 + 40 + 40;
    assertEquals(2 * 2 * ofBlock, AdapterShapes.parameters(MODEL, AdapterConfig.lora(2, 4)));
  }

  @Test
  void rankAboveTheSmallerSideIsNamedWithTheNumbers() {
    AdapterConfig adapter =
        AdapterConfig.lora(9, 9, AdapterTarget.K_PROJ, AdapterTarget.Q_PROJ)
            .withTarget(AdapterTarget.LM_HEAD, 17, 1);
    assertEquals(
        List.of(
            "rank of k_proj must be at most 8, the smaller side of its matrix [8, 16], got 9",
            "rank of lm_head must be at most 16, the smaller side of its matrix [50, 16], got 17"),
        AdapterShapes.faults(MODEL, adapter));
    assertEquals(List.of(), AdapterShapes.faults(MODEL, AdapterConfig.lora(8, 8)));
  }

  @Test
  void aTiedMatrixIsNoTarget() {
    ModelConfig tied = RecordCopy.with(MODEL, "tieWordEmbeddings", true);
    for (AdapterTarget target : List.of(AdapterTarget.EMBED_TOKENS, AdapterTarget.LM_HEAD)) {
      List<String> faults = AdapterShapes.faults(tied, AdapterConfig.lora(2, 4, target));
      assertEquals(1, faults.size(), faults::toString);
      assertTrue(faults.get(0).startsWith(target.text() + " cannot be a target"), faults::toString);
    }
    assertEquals(List.of(), AdapterShapes.faults(tied, AdapterConfig.lora(2, 4)));
  }

  @Test
  void copiesOfTheBasesEmbeddingsAreKnown() {
    assertTrue(AdapterShapes.isOfBase("base_model.model.model.embed_tokens.base_layer.weight"));
    assertTrue(AdapterShapes.isOfBase("base_model.model.lm_head.weight"));
    assertFalse(AdapterShapes.isOfBase("base_model.model.lm_head.lora_A.weight"));
  }
}
