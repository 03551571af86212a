package ai.dmt.evaluators.judge;

import ai.dmt.internal.text.Faults;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait after a failed try: a random share of a limit that doubles with each try ("full
 * jitter"), so that clients which failed together do not come back together.
 *
 * @param maxTries of one request, at least 1
 * @param first limit after the first try
 * @param longest limit
 * @param random uniform in [0, 1)
 */
public record Backoff(int maxTries, Duration first, Duration longest, DoubleSupplier random) {
  /**
   * Checks the settings.
   *
   * @param maxTries of one request, at least 1
   * @param first limit after the first try
   * @param longest limit
   * @param random uniform in [0, 1)
   */
  public Backoff {
    new Faults("backoff")
        .positive("maxTries", maxTries)
        .positive("first", first.toMillis())
        .positive("longest", longest.toMillis())
        .throwIfAny();
  }

  /**
   * {@return limits from a second up to a minute}
   *
   * @param maxTries of one request, at least 1
   * @param random uniform in [0, 1)
   */
  public static Backoff standard(int maxTries, DoubleSupplier random) {
    return new Backoff(maxTries, Duration.ofSeconds(1), Duration.ofMinutes(1), random);
  }

  /** The wait after a try. @param tried tries so far, from 1 */
  Duration after(int tried) {
    double limit =
        Math.min(longest.toMillis(), first.toMillis() * Math.pow(2, Math.min(tried - 1, 62)));
    return Duration.ofMillis(Math.round(limit * random.getAsDouble()));
  }
}
