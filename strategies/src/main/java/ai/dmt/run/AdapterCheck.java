package ai.dmt.run;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.StageRecipe;
import ai.dmt.train.StageSettings;
import ai.dmt.train.StageSettings.NextAdapter;
import ai.dmt.train.StageSettings.OptimizerState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether a recipe's adapter fits its stages and its model. */
final class AdapterCheck {
  private AdapterCheck() {}

  /**
   * Checks what can be said without the model.
   *
   * @throws ConfigException with every fault, one per line
   */
  static void checkStages(Recipe recipe) {
    AdapterRecipe adapter = recipe.adapter();
    List<StageRecipe> stages = recipe.strategy().stages();
    List<String> faults = new ArrayList<>();
    for (int s = 0; adapter == null && s < stages.size(); s++) {
      if (stages.get(s).adapter() != null) {
        faults.add(
            "strategy.stages.%s.adapter needs section adapter, without which all weights are trained"
                .formatted(s));
      }
    }
    if (adapter != null) {
      StageSettings standard = recipe.stageSettings();
      if (stages.isEmpty()) {
        demandFreshMoments(
            "adapter.stages", standard.nextAdapter(), standard.optimizerState(), faults);
      }
      for (int s = 0; s + 1 < stages.size(); s++) {
        StageSettings before = settings(stages.get(s), recipe);
        StageSettings after = settings(stages.get(s + 1), recipe);
        demandFreshMoments(
            "strategy.stages.%s.adapter".formatted(s),
            before.nextAdapter(),
            after.optimizerState(),
            faults);
      }
    }
    RecipeCheck.throwIfAny(faults);
  }

  /**
   * Checks that models that adapters are merged into have a place that stays: what goes on
   * elsewhere would lack them.
   *
   * @throws ConfigException if they have not
   */
  static void checkPlace(Recipe recipe, RunOutput place) {
    if (recipe.adapter() != null && place.storage().isPresent() && merges(recipe)) {
      throw new ConfigException(
          ("output %s: models that adapters are merged into stay in the run's folder; adapter.stages"
                  + " merge needs a folder as its output, continue and new do not")
              .formatted(place));
    }
  }

  private static boolean merges(Recipe recipe) {
    List<StageRecipe> stages = recipe.strategy().stages();
    return stages.isEmpty()
        ? recipe.stageSettings().nextAdapter() == NextAdapter.MERGE
        : stages.subList(0, stages.size() - 1).stream()
            .anyMatch(each -> settings(each, recipe).nextAdapter() == NextAdapter.MERGE);
  }

  private static StageSettings settings(StageRecipe stage, Recipe recipe) {
    return stage.stage(recipe.stageSettings(), recipe.training().learningRateConfig()).settings();
  }

  private static void demandFreshMoments(
      String key, NextAdapter next, OptimizerState state, List<String> faults) {
    if (next != NextAdapter.CONTINUE && state == OptimizerState.CARRY) {
      faults.add(
          "%s is %s, which begins a fresh adapter: the next stage's optimizer_state must be reset, got carry"
              .formatted(key, next.name().toLowerCase(Locale.ROOT)));
    }
  }

  /**
   * Checks what needs the model's shape; where the model is an adapter, that it is such a one.
   *
   * @throws ConfigException with every fault, one per line
   */
  static void checkModel(Recipe recipe, ModelInfo model) {
    AdapterRecipe adapter = recipe.adapter();
    Path folder = model.folder();
    boolean goesOn = AdapterFolder.isAdapter(folder);
    if (adapter == null) {
      if (goesOn) {
        throw new ConfigException(
            ("model %s is an adapter, and without section adapter all weights are trained; merge it"
                    + " first (dmt export --merge), or train it on with section adapter")
                .formatted(folder));
      }
      return;
    }
    AdapterConfig config = adapter.config(recipe.training().seed());
    List<String> faults =
        new ArrayList<>(
            AdapterShapes.faults(ModelInfo.shape(folder), config).stream()
                .map(fault -> "adapter: " + fault)
                .toList());
    if (goesOn) {
      AdapterFolder.read(folder)
          .config()
          .differences(config, "this recipe")
          .forEach(each -> faults.add("model %s is another adapter: %s".formatted(folder, each)));
    }
    RecipeCheck.throwIfAny(faults);
  }
}
