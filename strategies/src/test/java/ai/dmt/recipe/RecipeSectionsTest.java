package ai.dmt.recipe;

import static ai.dmt.recipe.RecipeTexts.faults;
import static ai.dmt.recipe.RecipeTexts.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.engine.BaseWeights;
import ai.dmt.train.MixtureControl;
import ai.dmt.train.ReplaySelection;
import ai.dmt.train.StageSettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sections that change how a recipe's stages are trained: adapter and control. */
@Tag("jackson")
class RecipeSectionsTest {
  private static final String SMALL =
      """
      sources:
        math: {role: specialized}
        chat: {role: general}
      """;

  @Test
  void anAdapterHasDefaultsAndIsWrittenBack() {
    Recipe recipe = read(SMALL + "adapter: {rank: 8, ranks: {q_proj: 2}, base_weights: nf4}\n");
    AdapterConfig adapter = recipe.adapter().config(recipe.training().seed());
    assertEquals(AdapterTarget.ALL_LINEAR, List.copyOf(adapter.sizes().keySet()));
    assertEquals(new AdapterConfig.Size(8, 16), adapter.sizes().get(AdapterTarget.DOWN_PROJ));
    assertEquals(new AdapterConfig.Size(2, 4), adapter.sizes().get(AdapterTarget.Q_PROJ));
    assertEquals(42, adapter.seed());
    assertEquals(adapter, recipe.engineConfig().adapter().orElseThrow());
    assertEquals(BaseWeights.NF4, recipe.engineConfig().baseWeights());
    assertEquals(recipe, read(RecipeWriter.yaml(recipe)));
    assertEquals(Optional.empty(), read(SMALL).engineConfig().adapter());
    assertTrue(!RecipeWriter.yaml(read(SMALL)).contains("adapter"), "older runs go on");
    Recipe whole = read(SMALL, "adapter={}");
    assertEquals(AdapterRecipe.defaults(), whole.adapter());
  }

  @Test
  void controlHasDefaultsAndLeavesNoTraceWhereItIsNotAskedFor() {
    Recipe recipe = read(SMALL + "control: {replay: adaptive, replay_max_k: 1/8}\n");
    assertEquals(
        new MixtureControl(
            MixtureControl.Stop.NONE,
            2,
            MixtureControl.Replay.ADAPTIVE,
            1 / 1024.0,
            0.125,
            0.02,
            ReplaySelection.RANDOM),
        recipe.control().mixtureControl());
    assertEquals(recipe, read(RecipeWriter.yaml(recipe)));
    assertTrue(!RecipeWriter.yaml(read(SMALL)).contains("control"), "older runs go on");
    String found =
        String.join("\n", faults(SMALL + "control: {stop_patience: 0, replay_min_k: 0.5}\n"));
    for (String fault :
        List.of(
            "control: stop_patience must be positive, got 0",
            "replay_min_k and replay_max_k must be 0 < min <= max <= 1, got 0.5 and 0.25")) {
      assertTrue(found.contains(fault), found);
    }
  }

  @Test
  void faultsOfAnAdapterAreNamed() {
    assertEquals(
        List.of(
            "r.yaml:5: adapter.targets.1 is \"Wqkv\", expected one of q_proj, k_proj, v_proj,"
                + " o_proj, gate_proj, up_proj, down_proj, embed_tokens, lm_head"),
        faults(SMALL + "adapter:\n  targets: [q_proj, Wqkv]\n"));
    String all =
        String.join(
            "\n",
            faults(SMALL + "adapter: {rank: 0, alpha: -1, dropout: 1, ranks: {q_proj: 0}}\n"));
    for (String fault :
        List.of(
            "adapter: rank must be positive, got 0",
            "adapter: alpha must be positive and finite, got -1.0",
            "adapter: dropout must be in [0.0, 1.0), got 1.0",
            "adapter: ranks.q_proj must be positive, got 0")) {
      assertTrue(all.contains(fault), all);
    }
    String unknown = String.join("\n", faults(SMALL + "adapter: {ranks: {qproj: 4}}\n"));
    assertTrue(unknown.contains("adapter.ranks: \"qproj\" is not known"), unknown);
    assertTrue(unknown.contains("did you mean q_proj?"), unknown);
    String none =
        String.join("\n", faults(SMALL + "adapter: {targets: [q_proj], ranks: {k_proj: 4}}\n"));
    assertTrue(none.contains("ranks.k_proj is none of targets [q_proj]"), none);
  }

  @Test
  void aStageSaysWhatTheNextBeginsWith() {
    Recipe recipe =
        read(
            SMALL + "adapter: {stages: new}\n",
            "strategy={name: custom, stages: [{name: a, sources: {math: 1}, adapter: merge},"
                + " {name: b, sources: {chat: 1}}]}");
    List<StageSettings.NextAdapter> next =
        recipe.strategy().stages().stream()
            .map(
                each ->
                    each.stage(recipe.stageSettings(), recipe.training().learningRateConfig())
                        .settings()
                        .nextAdapter())
            .toList();
    assertEquals(List.of(StageSettings.NextAdapter.MERGE, StageSettings.NextAdapter.NEW), next);
  }
}
