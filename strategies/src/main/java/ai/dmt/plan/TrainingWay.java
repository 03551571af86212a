package ai.dmt.plan;

import ai.dmt.engine.BaseWeights;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What of a model is trained, and how the rest is kept. */
public enum TrainingWay {
  /** All weights. */
  FULL,
  /** An adapter beside weights as they are. */
  LORA,
  /** An adapter beside weights of four bits. */
  QLORA;

  private static final String SECTION = "adapter.";

  /** {@return the name in tables, such as "qlora"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * {@return the way of a recipe; one with weights of eight bits counts as {@link #LORA}}
   *
   * @param recipe any
   */
  public static TrainingWay of(Recipe recipe) {
    AdapterRecipe adapter = recipe.adapter();
    return adapter == null ? FULL : adapter.baseWeights() == BaseWeights.NF4 ? QLORA : LORA;
  }

  /**
   * {@return a recipe that trains so: with its own adapter if it has one, else that of {@link
   * AdapterRecipe#defaults}}
   *
   * @param recipe any
   */
  public Recipe as(Recipe recipe) {
    if (this == FULL) {
      return recipe.withAdapter(null);
    }
    AdapterRecipe own = recipe.adapter() == null ? AdapterRecipe.defaults() : recipe.adapter();
    return recipe.withAdapter(
        own.withBaseWeights(this == LORA ? BaseWeights.COMPUTE : BaseWeights.NF4));
  }

  /**
   * {@return what a recipe that trains otherwise says to train so, value by dotted key; empty for
   * {@link #FULL}, which has no adapter}
   *
   * @param recipe that this would be a change of
   */
  Map<String, String> keys(Recipe recipe) {
    Map<String, String> keys = new LinkedHashMap<>();
    AdapterRecipe adapter = as(recipe).adapter();
    if (adapter == null) {
      return keys;
    }
    if (recipe.adapter() == null) {
      keys.put(SECTION + "rank", Integer.toString(adapter.rank()));
    }
    if (recipe.adapter() == null
        ? adapter.baseWeights() != BaseWeights.COMPUTE
        : adapter.baseWeights() != recipe.adapter().baseWeights()) {
      keys.put(SECTION + "base_weights", adapter.baseWeights().text());
    }
    return keys;
  }
}
