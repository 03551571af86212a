package ai.dmt.run;

import ai.dmt.config.ConfigException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some steps of a run, counted from 1 as metrics.jsonl does.
 *
 * @param first at least 1
 * @param last at least the first; {@link Long#MAX_VALUE} for the run's last
 */
public record StepRange(long first, long last) {
  /** All steps of a run. */
  public static final StepRange ALL = new StepRange(1, Long.MAX_VALUE);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,18})?(\\.\\.)?(\\d{1,18})?");

  /**
   * Checks the order.
   *
   * @param first at least 1
   * @param last at least the first; {@link Long#MAX_VALUE} for the run's last
   */
  public StepRange {
    if (first < 1 || last < first) {
      throw new ConfigException(
          "steps must be FIRST..LAST with 1 <= FIRST <= LAST, got %s..%s".formatted(first, last));
    }
  }

  /**
   * Reads {@code A..B}, {@code A..}, {@code ..B} or {@code A}.
   *
   * @param text as a user writes it
   * @return the steps, both ends included
   * @throws ConfigException if it is none of them
   */
  public static StepRange parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (text.isEmpty() || text.equals("..") || !matcher.matches()) {
      throw new ConfigException(
          "steps must be A..B, A.., ..B or A, counted from 1, got \"%s\"".formatted(text));
    }
    boolean single = matcher.group(2) == null;
    long first = matcher.group(1) == null ? 1 : Long.parseLong(matcher.group(1));
    long last = matcher.group(3) == null ? Long.MAX_VALUE : Long.parseLong(matcher.group(3));
    return new StepRange(first, single ? first : last);
  }
}
