package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/** How much of a source a mixture takes, in the mixture's {@link Measure}. */
public sealed interface Amount {
  /** {@return the amount as plans and keys show it, such as "fraction 0.25"} */
  String text();

  /**
   * A share of the source, rounded down to whole samples.
   *
   * @param value 1 for all of it; more than 1 only with replacement
   */
  record Fraction(double value) implements Amount {
    /**
     * Demands a finite value, not negative.
     *
     * @param value finite, at least 0
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public Fraction {
      new Faults("amount").notNegative("fraction", value).throwIfAny();
    }

    @Override
    public String text() {
      return "fraction " + value;
    }
  }

  /**
   * A number of samples or tokens.
   *
   * @param value more than the source has only with replacement
   */
  record Count(long value) implements Amount {
    /**
     * Demands a value that is not negative.
     *
     * @param value at least 0
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public Count {
      new Faults("amount").notNegative("count", value).throwIfAny();
    }

    @Override
    public String text() {
      return "count " + value;
    }
  }

  /**
   * A share of the mixture: this weight over the sum of all weights.
   *
   * @param value of any scale
   */
  record Weight(double value) implements Amount {
    /**
     * Demands a finite value above 0.
     *
     * @param value finite, above 0
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public Weight {
      new Faults("amount").positive("weight", value).throwIfAny();
    }

    @Override
    public String text() {
      return "weight " + value;
    }
  }
}
