package ai.dmt.evaluators.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Time that passes only while somebody waits, and then at once. */
final class FakeClock implements JudgeClock {
  static final Instant START = Instant.parse("2026-11-24T00:00:00.25Z");

  private final List<Duration> waits = new ArrayList<>();
  private Instant now = START;
  private boolean stopped;

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized void sleep(Duration duration) throws InterruptedException {
    if (stopped) {
      throw new InterruptedException("stopped");
    }
    waits.add(duration);
    now = now.plus(duration);
  }

  @Override
  public synchronized void stop() {
    stopped = true;
  }

  synchronized List<Duration> waits() {
    return List.copyOf(waits);
  }
}
