package ai.dmt.train;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Whether a run that has a limited time may make one more step. */
final class TimeLimit {
  private final Duration limit;
  private final LongSupplier nanoTime;
  private final long beginNanos;
  private long lastNanos;
  private long longestNanos;

  /** Time runs from now on. @param limit zero for none */
  TimeLimit(Duration limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
    this.beginNanos = limit.isZero() ? 0 : nanoTime.getAsLong();
    this.lastNanos = beginNanos;
  }

  /**
   * Asked after each step: whether another one, as long as the longest so far with evaluation and
   * all that came with it, would not end in time.
   */
  boolean isReached() {
    if (limit.isZero()) {
      return false;
    }
    long now = nanoTime.getAsLong();
    longestNanos = Math.max(longestNanos, now - lastNanos);
    lastNanos = now;
    return now - beginNanos + longestNanos > limit.toNanos();
  }
}
