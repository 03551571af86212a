package ai.dmt.evaluators.judge;

import java.time.Duration;
import java.time.Instant;

/**
 * Keeps requests of all threads apart: evenly spaced by a rate, and none before the time that a
 * server asked to wait for.
 */
final class Pace {
  private final JudgeClock clock;
  private final Duration spacing;
  private Instant next = Instant.MIN;

  /** Makes a pace. @param requestsPerMinute 0 for no limit */
  Pace(double requestsPerMinute, JudgeClock clock) {
    this.clock = clock;
    this.spacing =
        requestsPerMinute == 0
            ? Duration.ZERO
            : Duration.ofNanos(Math.round(60e9 / requestsPerMinute));
  }

  /** Waits for this thread's turn. */
  void await() throws InterruptedException {
    while (true) {
      Duration wait;
      synchronized (this) {
        Instant now = clock.now();
        if (!now.isBefore(next)) {
          next = now.plus(spacing);
          return;
        }
        wait = Duration.between(now, next);
      }
      clock.sleep(wait); // others may take the turn meanwhile
    }
  }

  /** Lets nobody go on for a while. */
  synchronized void hold(Duration duration) {
    Instant end = clock.now().plus(duration);
    if (end.isAfter(next)) {
      next = end;
    }
  }
}
