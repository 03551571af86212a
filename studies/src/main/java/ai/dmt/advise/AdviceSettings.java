package ai.dmt.advise;

import ai.dmt.internal.text.Faults;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of advice.
 *
 * @param budget what small runs may cost
 * @param tokens that the advised run will train on; 0 for those of the recipe, all rows for all of
 *     its epochs
 * @param objective of the user; null for the mean of all abilities
 * @param scored whether runs are scored on the study's benchmarks, too
 * @param rated whether other learning rates are tried for the advised mixture
 * @param baseText texts that the base model writes, whose loss is measured and predicted, too; 0
 *     for as many as the study has
 */
public record AdviceSettings(
    Budget budget,
    double tokens,
    @Nullable Objective objective,
    boolean scored,
    boolean rated,
    int baseText) {
  /**
   * Checks ranges.
   *
   * @param budget what small runs may cost
   * @param tokens that the advised run will train on; 0 for those of the recipe
   * @param objective of the user; null for the mean of all abilities
   * @param scored whether runs are scored on the study's benchmarks, too
   * @param rated whether other learning rates are tried for the advised mixture
   * @param baseText texts that the base model writes, whose loss is measured and predicted, too; 0
   *     for as many as the study has
   */
  public AdviceSettings {
    new Faults("advise")
        .present("budget", budget)
        .notNegative("tokens", tokens)
        .notNegative("base_text", baseText)
        .throwIfAny();
  }

  /**
   * Asks for held-out losses alone, at the recipe's learning rate.
   *
   * @param budget what small runs may cost
   * @param tokens that the advised run will train on; 0 for those of the recipe
   * @param objective of the user; null for the mean of all abilities
   */
  public AdviceSettings(Budget budget, double tokens, @Nullable Objective objective) {
    this(budget, tokens, objective, false, false, 0);
  }
}
