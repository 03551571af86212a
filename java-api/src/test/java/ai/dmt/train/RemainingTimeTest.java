package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is said of the rest of a run. */
class RemainingTimeTest {
  @Test
  void pausesThatAreKnownToComeCount() {
    RemainingTime left =
        new RemainingTime(new long[] {4, 6}, (stage, step) -> stage == 0 ? 10 : 30, start(), 3, 60);
    long now = 0;
    for (int step = 0; step < 3; step++) {
      left.stepped(0, step, now, now + nanos(1)); // 0.1 s for a token
      now += nanos(1);
    }
    // 10 + 180 tokens; evaluations after steps 3, 6 and 9, two ends with one: 60 tokens forward
    // each
    assertEquals(Duration.ofSeconds(19 + 3 * 2 + 2 * 2), round(left.after(3)));
    left.pausesFor(RemainingTime.Pause.EVALUATION);
    now += nanos(5);
    left.stepped(0, 3, now, now + nanos(1));
    // the evaluation took 5 s; two more, and two ends that have one each
    assertEquals(Duration.ofSeconds(18 + 2 * 5 + 2 * 5), round(left.after(4)));
  }

  @Test
  void aRunThatGoesOnHasLessToDo() {
    RemainingTime left =
        new RemainingTime(
            new long[] {4, 6}, (stage, step) -> stage == 0 ? 10 : 30, new Cursor(1, 4), 0, 0);
    left.stepped(1, 4, 0, nanos(3));
    assertEquals(Duration.ofSeconds(3), round(left.after(9)));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  private static Cursor start() {
    return new Cursor(0, 0);
  }

  private static Duration round(Duration time) {
    return Duration.ofSeconds(Math.round(time.toNanos() * 1e-9));
  }
}
