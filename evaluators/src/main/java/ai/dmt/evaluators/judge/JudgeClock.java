package ai.dmt.evaluators.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Time and waiting, which tests replace. */
public interface JudgeClock {
  /** {@return the present time} */
  Instant now();

  /**
   * Waits.
   *
   * @param duration how long at least
   * @throws InterruptedException if the run is stopped meanwhile or has been
   */
  void sleep(Duration duration) throws InterruptedException;

  /** Ends every wait, from now on. */
  void stop();

  /** {@return seconds since 1970, to the microsecond as in Python} */
  default double timestamp() {
    Instant now = now();
    return (now.getEpochSecond() * 1_000_000 + now.getNano() / 1000) / 1e6;
  }

  /** {@return a clock with the system's time} */
  static JudgeClock system() {
    CountDownLatch stopped = new CountDownLatch(1);
    return new JudgeClock() {
      @Override
      public Instant now() {
        return Instant.now();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        if (stopped.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
          throw new InterruptedException("stopped");
        }
      }

      @Override
      public void stop() {
        stopped.countDown();
      }
    };
  }
}
