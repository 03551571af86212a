package ai.dmt.train;

import ai.dmt.config.Faults;

/**
 * What a mixture takes of one source.
 *
 * @param source its name
 * @param amount in the measure of the mixture
 */
public record Portion(String source, Amount amount) {
  /** Checks that both are there. */
  public Portion {
    new Faults("portion")
        .require(source != null && !source.isBlank(), "source must not be blank")
        .present("amount", amount)
        .throwIfAny();
  }

  /** A share of a source. */
  public static Portion fraction(String source, double fraction) {
    return new Portion(source, new Amount.Fraction(fraction));
  }
}
