package ai.dmt.advise;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.TimeSpan;
import ai.dmt.internal.text.Units;
import java.time.Duration;
import java.util.Optional;

/**
 * What the runs of advice may cost.
 *
 * @param amount in the unit
 * @param unit of the amount
 */
public record Budget(double amount, Unit unit) {
  /** The least that a law can be fitted to, in whole runs. */
  static final double LEAST = 2;

  /** What a budget is counted in. */
  public enum Unit {
    /** Share of training all candidates, in (0, 1]. */
    GRID,
    /** Whole runs of the recipe. */
    RUNS,
    /** Seconds of training. */
    SECONDS
  }

  /**
   * Checks the range.
   *
   * @param amount in the unit
   * @param unit of the amount
   */
  public Budget {
    new Faults("budget")
        .positive("amount", amount)
        .require(unit != Unit.GRID || amount <= 1, "at most 100 % of all candidates, got " + amount)
        .throwIfAny();
  }

  /**
   * Reads a budget.
   *
   * @param text "20%" of training all candidates, "8x" as much as the recipe, or a time such as
   *     "2h" or "30m"
   * @return the budget
   * @throws ConfigException if it is none of them
   */
  public static Budget parse(String text) {
    try {
      if (text.endsWith("%")) {
        return new Budget(number(text) / 100, Unit.GRID);
      }
      if (text.endsWith("x")) {
        return new Budget(number(text), Unit.RUNS);
      }
    } catch (NumberFormatException | ConfigException e) {
      throw unknown(text);
    }
    Optional<Duration> time = TimeSpan.parse(text);
    if (time.isEmpty() || text.matches("[0-9.]*")) {
      throw unknown(text);
    }
    return new Budget(time.get().toMillis() / 1000.0, Unit.SECONDS);
  }

  private static double number(String text) {
    return Double.parseDouble(text.substring(0, text.length() - 1));
  }

  private static ConfigException unknown(String text) {
    return new ConfigException(
        "--budget must be a share of training all candidates such as 20% (up to 100%), whole runs such"
            + " as 8x, or a time such as 2h, got \"%s\"".formatted(text));
  }

  /**
   * How many whole runs of mixtures it pays for.
   *
   * @param candidates how many there are
   * @param tokens of a whole run
   * @param tokensPerSecond of training here; 0 where that is not known
   * @param others whole runs that it pays for, too
   * @throws ConfigException if that is too few, or the speed is needed and not known
   */
  double runs(int candidates, double tokens, double tokensPerSecond, double others) {
    if (unit == Unit.SECONDS && tokensPerSecond == 0) {
      throw new ConfigException(
          "a budget of time needs the speed of training: set tokens_per_second, or give --budget as"
              + " a share of training all candidates such as 20%, or as whole runs such as 8x");
    }
    double runs =
        switch (unit) {
          case GRID -> amount * candidates;
          case RUNS -> amount;
          case SECONDS -> amount * tokensPerSecond / tokens;
        };
    if (runs < LEAST + others) {
      throw new ConfigException(
          Units.format(
              "the budget pays for %.2g whole runs of the recipe, and advice needs at least %.0f%s",
              runs,
              LEAST + others,
              others > 0 ? Units.format(", %.0f of them for other learning rates", others) : ""));
    }
    return runs - others;
  }
}
