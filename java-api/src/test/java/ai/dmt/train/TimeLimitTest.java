package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimeLimitTest {
  private long seconds = 100;

  private TimeLimit limit(long limitSeconds) {
    return new TimeLimit(Duration.ofSeconds(limitSeconds), () -> seconds * 1_000_000_000);
  }

  private boolean isReachedAfterAStepOf(TimeLimit limit, long stepSeconds) {
    seconds += stepSeconds;
    return limit.isReached();
  }

  @Test
  void anotherStepAsLongAsTheLongestMustFit() {
    TimeLimit limit = limit(10);
    assertFalse(isReachedAfterAStepOf(limit, 3));
    assertFalse(isReachedAfterAStepOf(limit, 1));
    assertFalse(isReachedAfterAStepOf(limit, 1));
    assertFalse(isReachedAfterAStepOf(limit, 2), "7 s are over, and 3 are left");
    assertTrue(isReachedAfterAStepOf(limit, 1));
  }

  @Test
  void zeroIsNoLimit() {
    TimeLimit limit = new TimeLimit(Duration.ZERO, () -> ++seconds);
    assertFalse(limit.isReached());
    assertEquals(100, seconds, "nor is the clock asked");
  }
}
