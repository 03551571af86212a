package ai.dmt.data;

import ai.dmt.internal.text.Faults;

/**
 * What happens to a record that is at fault: malformed, too large, without its fields, or with a
 * role that is not known.
 *
 * @param onError what to do
 * @param limit most records of one file that may be skipped; one more is an error
 */
public record SkipPolicy(OnError onError, long limit) {
  /** What happens. */
  public enum OnError {
    /** {@link DataException}. */
    FAIL,
    /** The record is left out and counted. */
    SKIP
  }

  /**
   * Checks the range.
   *
   * @param onError see {@link #onError()}
   * @param limit see {@link #limit()}
   * @throws ai.dmt.config.ConfigException if the limit is negative, or the choice is missing
   */
  public SkipPolicy {
    new Faults("skipPolicy").present("onError", onError).notNegative("limit", limit).throwIfAny();
  }

  /** {@return a policy by which the first fault ends the reading} */
  public static SkipPolicy fail() {
    return new SkipPolicy(OnError.FAIL, 0);
  }

  /**
   * {@return a policy by which up to so many records of a file are left out}
   *
   * @param limit see {@link #limit()}; 0 or more
   */
  public static SkipPolicy skip(long limit) {
    return new SkipPolicy(OnError.SKIP, limit);
  }
}
