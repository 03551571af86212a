package ai.dmt.evaluators.judge;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** The HTTP header Retry-After: seconds or a date. */
final class RetryAfter {
  /** A server that asks for more is taken to mean this. */
  static final Duration LONGEST = Duration.ofMinutes(10);

  private RetryAfter() {}

  /** How long to wait; zero for what is neither. */
  static Duration parse(String value, Instant now) {
    Duration wait;
    try {
      wait =
          value.strip().matches("[0-9]{1,9}(\\.[0-9]{1,9})?")
              ? Duration.ofMillis((long) Math.ceil(Double.parseDouble(value) * 1000))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant());
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
