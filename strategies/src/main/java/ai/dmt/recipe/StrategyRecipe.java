package ai.dmt.recipe;

import ai.dmt.internal.text.Faults;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The strategy of a recipe; which keys are read depends on its name.
 *
 * @param name individual, multi-task, sequential, mixed-sequential, dmt, custom, or that of a
 *     strategy on the class path
 * @param k for dmt: share of each specialized source that stage two replays, in [0, 1], such as
 *     1/256; null if not given
 * @param source for individual: the source that is trained on; null if not given
 * @param order for sequential: names of all sources in the order of stages; empty for others
 * @param stages for custom: the stages; empty for others
 * @param options settings of a strategy on the class path; empty for others
 */
public record StrategyRecipe(
    @Doc(
            "individual, multi-task, sequential, mixed-sequential, dmt, custom,"
                + " or the name of a strategy on the class path")
        @Words(Vocabulary.STRATEGY)
        String name,
    @Doc("dmt: share of each specialized source that stage two replays, in [0, 1], such as 1/256")
        @Nullable Double k,
    @Doc("individual: the source that is trained on") @Nullable String source,
    @Doc("sequential: names of all sources in the order of stages") List<String> order,
    @Doc("custom: the stages") List<StageRecipe> stages,
    @Doc("Settings of a strategy on the class path") Map<String, Object> options) {
  /**
   * Checks the name; copies the collections.
   *
   * @param name individual, multi-task, sequential, mixed-sequential, dmt, custom, or that of a
   *     strategy on the class path
   * @param k for dmt: share of each specialized source that stage two replays, in [0, 1], such as
   *     1/256; null if not given
   * @param source for individual: the source that is trained on; null if not given
   * @param order for sequential: names of all sources in the order of stages; empty for others
   * @param stages for custom: the stages; empty for others
   * @param options settings of a strategy on the class path; empty for others
   */
  public StrategyRecipe {
    order = order == null ? List.of() : List.copyOf(order);
    stages = stages == null ? List.of() : List.copyOf(stages);
    options =
        options == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(options));
    new Faults("strategy")
        .require(name != null && !name.isBlank(), "name must not be blank")
        .require(k == null || (k >= 0 && k <= 1), "k must be in [0, 1], got " + k)
        .throwIfAny();
  }

  /**
   * {@return what is used where a recipe says nothing, by component: nothing, as the name must be
   * said}
   */
  public static Map<String, Object> defaults() {
    return Map.of();
  }

  /**
   * {@return a strategy without settings}
   *
   * @param name one of the built-in ones that need no settings, or that of a strategy on the class
   *     path
   */
  public static StrategyRecipe named(String name) {
    return new StrategyRecipe(name, null, null, List.of(), List.of(), Map.of());
  }

  /** {@return the strategy that trains all sources together, in one stage} */
  public static StrategyRecipe multiTask() {
    return named("multi-task");
  }

  /**
   * {@return the strategy that trains one source alone}
   *
   * @param source its name in the recipe
   */
  public static StrategyRecipe individual(String source) {
    return new StrategyRecipe("individual", null, source, List.of(), List.of(), Map.of());
  }

  /**
   * {@return the strategy that trains one source after the other}
   *
   * @param order names of all sources
   */
  public static StrategyRecipe sequential(List<String> order) {
    return new StrategyRecipe("sequential", null, null, order, List.of(), Map.of());
  }

  /** {@return the strategy that trains the specialized sources together, then the general ones} */
  public static StrategyRecipe mixedSequential() {
    return named("mixed-sequential");
  }

  /**
   * Dual-stage mixed fine-tuning (arXiv 2310.05492, section 3.5): the specialized sources, then the
   * general ones with a share of the specialized ones.
   *
   * @param k the share, in (0, 1]; the paper's best is 1 / 256.0
   * @return the strategy, named dmt in recipes
   * @throws ai.dmt.config.ConfigException if the share is not in its range, as that of 1 / 256, a
   *     division of whole numbers
   */
  public static StrategyRecipe dmt(double k) {
    new Faults("dmt")
        .require(k > 0 && k <= 1, "k must be in (0, 1], such as 1 / 256.0, got " + k)
        .throwIfAny();
    return new StrategyRecipe("dmt", k, null, List.of(), List.of(), Map.of());
  }
}
