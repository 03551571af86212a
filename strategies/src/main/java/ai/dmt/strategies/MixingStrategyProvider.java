package ai.dmt.strategies;

import ai.dmt.recipe.Recipe;

/**
 * Makes a strategy of a recipe. Implementations are found by {@link java.util.ServiceLoader}: a jar
 * on the class path names its class in {@code
 * META-INF/services/ai.dmt.strategies.MixingStrategyProvider}, and recipes say {@code
 * strategy.name}.
 */
public interface MixingStrategyProvider {
  /** {@return what recipes call the strategy; none of the built-in names} */
  String name();

  /**
   * Makes the strategy.
   *
   * @param recipe whose strategy section may have {@code options} for it
   * @return a strategy with the settings of the recipe
   * @throws ai.dmt.config.ConfigException if the section cannot be used
   */
  MixingStrategy create(Recipe recipe);
}
