package ai.dmt.recipe;

import ai.dmt.internal.text.Faults;
import ai.dmt.train.Amount;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much of a source a stage takes: one of three.
 *
 * @param fraction share of the source, such as 1/256; 0 or more; null if not given
 * @param count samples or tokens of the source; 0 or more; null if not given
 * @param weight share of the stage, relative to the other sources; above 0; null if not given
 */
public record AmountRecipe(
    @Doc("Share of the source, such as 1/256") @Range("[0, inf)") @Nullable Double fraction,
    @Doc("Samples or tokens of the source") @Range("[0, inf)") @Nullable Long count,
    @Doc("Share of the stage, relative to the other sources") @Range("(0, inf)")
        @Nullable Double weight) {
  /**
   * Demands exactly one, and that it is not negative.
   *
   * @param fraction share of the source, such as 1/256; 0 or more; null if not given
   * @param count samples or tokens of the source; 0 or more; null if not given
   * @param weight share of the stage, relative to the other sources; above 0; null if not given
   */
  public AmountRecipe {
    int given = (fraction == null ? 0 : 1) + (count == null ? 0 : 1) + (weight == null ? 0 : 1);
    Faults faults =
        new Faults("amount")
            .require(given == 1, "give one of fraction, count and weight, got " + given);
    if (fraction != null) {
      faults.notNegative("fraction", fraction);
    }
    if (count != null) {
      faults.notNegative("count", count);
    }
    if (weight != null) {
      faults.positive("weight", weight);
    }
    faults.throwIfAny();
  }

  /** {@return no values: nothing is used where a recipe says nothing} */
  public static Map<String, Object> defaults() {
    return Map.of();
  }

  /** A number alone. */
  static AmountRecipe shorthand(double fraction) {
    return new AmountRecipe(fraction, null, null);
  }

  Amount amount() {
    if (fraction != null) {
      return new Amount.Fraction(fraction);
    }
    if (count != null) {
      return new Amount.Count(count);
    }
    return new Amount.Weight(Objects.requireNonNull(weight)); // one of the three is given
  }
}
