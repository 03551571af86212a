package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.Interval;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  @Property(tries = 200)
  void wilsonHoldsTheShareAndStaysWithinZeroAndOne(
      @ForAll @IntRange(min = 1, max = 5000) int total, @ForAll @IntRange(max = 5000) int any) {
    int solved = any % (total + 1);
    Interval interval = Intervals.wilson(solved, total);
    assertTrue(0 <= interval.low() && interval.high() <= 1, interval::toString);
    double share = (double) solved / total;
    assertTrue(interval.low() <= share + 1e-12, interval::toString);
    assertTrue(share <= interval.high() + 1e-12, interval::toString);
    Interval mirrored = Intervals.wilson(total - solved, total);
    assertEquals(1 - interval.high(), mirrored.low(), 1e-12);
  }

  /** Ends by the formula (p + z2/2n -+ z sqrt(p q/n + z2/4n2)) / (1 + z2/n), z = 1.959964. */
  @Test
  void wilsonIsTheFormula() {
    double z = 1.959963984540054;
    double n = 1319;
    double p = 716 / n;
    double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    Interval interval = Intervals.wilson(716, 1319);
    assertEquals((p + z * z / (2 * n) - half) / (1 + z * z / n), interval.low(), 1e-9);
    assertEquals((p + z * z / (2 * n) + half) / (1 + z * z / n), interval.high(), 1e-9);
  }

  @Test
  void bootstrapOfManyProblemsIsNearTheNormalInterval() {
    double[] values = IntStream.range(0, 1000).mapToDouble(i -> i % 10).toArray();
    double error = 1.96 * Math.sqrt(8.25 / 1000); // variance of 0..9 is 8.25
    Interval interval = Intervals.bootstrapMean(values, 1);
    assertEquals(4.5 - error, interval.low(), 0.015);
    assertEquals(4.5 + error, interval.high(), 0.015);
    assertEquals(interval, Intervals.bootstrapMean(values, 1));
  }

  @Test
  void bootstrapOfOneValueHasNoWidth() {
    assertEquals(new Interval(3, 3), Intervals.bootstrapMean(new double[] {3, 3}, 5));
    assertThrows(IllegalArgumentException.class, () -> Intervals.bootstrapMean(new double[0], 1));
  }
}
