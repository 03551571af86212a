package ai.dmt.evaluators.statistics;

/**
 * The scale on which a measure is compared. On its own scale a loss of 7 nats varies more between
 * seeds than one of 0.1, and a share at 2 % cannot fall by 5 points; on these scales differences
 * are alike wherever they lie, and sums of them stay within what the measure can be.
 */
public enum Link {
  /** Natural logarithm, for losses above 0: differences are ratios. */
  LOG {
    @Override
    public double of(double value) {
      return Math.log(value);
    }

    @Override
    public double inverse(double scaled) {
      return Math.exp(scaled);
    }

    @Override
    double slope(double value) {
      return 1 / value;
    }
  },
  /** Log-odds, for shares in (0, 1): differences are ratios of odds. */
  LOGIT {
    @Override
    public double of(double value) {
      return Math.log(value / (1 - value));
    }

    @Override
    public double inverse(double scaled) {
      return 1 / (1 + Math.exp(-scaled));
    }

    @Override
    double slope(double value) {
      return 1 / (value * (1 - value));
    }
  };

  /**
   * {@return a value on this scale}
   *
   * @param value above 0; below 1 for log-odds
   */
  public abstract double of(double value);

  /**
   * {@return the value of a place on this scale}
   *
   * @param scaled finite
   */
  public abstract double inverse(double scaled);

  abstract double slope(double value);
}
