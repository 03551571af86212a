package ai.dmt.internal.text;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Time as people and batch systems write it: 3h30m, 90s, 02:00:00, 1-12:00:00, or seconds. */
public final class TimeSpan {
  /** What a text must be, for messages. */
  public static final String EXPECTED =
      "a time such as 3h30m, 90s, 02:00:00 or 1-12:00:00, or seconds";

  private static final int DIGITS = 9;
  private static final Pattern UNITS =
      Pattern.compile("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s?)?");
  private static final Pattern CLOCK =
      Pattern.compile("(?:(\\d+)-)?(\\d+):([0-5]?\\d):([0-5]?\\d)");

  private TimeSpan() {}

  /**
   * Reads a time. White space around it is left out; numbers have at most 9 digits.
   *
   * @param text such as 3h30m, see {@link #EXPECTED}
   * @return the time in whole seconds; empty if the text is none
   */
  public static Optional<Duration> parse(String text) {
    String plain = text.strip();
    Matcher matcher = UNITS.matcher(plain);
    boolean matches = matcher.matches() && !plain.isEmpty();
    if (!matches) {
      matcher = CLOCK.matcher(plain);
      matches = matcher.matches();
    }
    if (!matches || plain.matches(".*\\d{%s}.*".formatted(DIGITS + 1))) {
      return Optional.empty();
    }
    return Optional.of(
        Duration.ofDays(group(matcher, 1))
            .plusHours(group(matcher, 2))
            .plusMinutes(group(matcher, 3))
            .plusSeconds(group(matcher, 4)));
  }

  private static long group(Matcher matcher, int number) {
    String digits = matcher.group(number);
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
