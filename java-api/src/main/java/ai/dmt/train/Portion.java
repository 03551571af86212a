package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/**
 * What a mixture takes of one source.
 *
 * @param source its name
 * @param amount in the measure of the mixture
 */
public record Portion(String source, Amount amount) {
  /**
   * Checks that both are there.
   *
   * @param source not blank
   * @param amount not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Portion {
    new Faults("portion")
        .require(source != null && !source.isBlank(), "source must not be blank")
        .present("amount", amount)
        .throwIfAny();
  }

  /**
   * {@return a share of a source}
   *
   * @param source its name
   * @param fraction finite, at least 0; 1 for all of it, more only with replacement
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static Portion fraction(String source, double fraction) {
    return new Portion(source, new Amount.Fraction(fraction));
  }
}
