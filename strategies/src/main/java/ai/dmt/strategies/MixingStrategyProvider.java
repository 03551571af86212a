package ai.dmt.strategies;

import ai.dmt.recipe.Recipe;

/**
 * Makes a strategy of a recipe. Implementations are found by {@link java.util.ServiceLoader}: a jar
 * on the class path names its class in {@code
 * META-INF/services/ai.dmt.strategies.MixingStrategyProvider}, and recipes say {@code
 * strategy.name}.
 */
public interface MixingStrategyProvider {
  /** What recipes call the strategy; none of the built-in names. */
  String name();

  /**
   * Makes the strategy.
   *
   * @param recipe whose strategy section may have {@code options} for it
   * @throws ai.dmt.config.ConfigException if the section cannot be used
   */
  MixingStrategy create(Recipe recipe);
}
