package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.Interval;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class McNemarTest {
  /** Values of scipy 1.17.1, binomtest(onlySecond, flips, 0.5).pvalue. */
  @ParameterizedTest
  @CsvSource({
    "8, 2, 0.109375",
    "20, 5, 0.004077315330505371",
    "0, 13, 0.000244140625",
    "0, 1, 1",
    "10, 10, 1",
    "62, 59, 0.8558215992110796",
    "0, 0, 1"
  })
  void pValueIsThatOfScipy(int onlyFirst, int onlySecond, double expected) {
    assertEquals(expected, new McNemar(onlyFirst, onlySecond, 200).pValue(), 1e-12);
  }

  /** Every way in which the flips could have fallen, counted one by one. */
  @Property(tries = 60)
  void pValueCountsTheWaysThatAreAsUneven(
      @ForAll @IntRange(max = 6) int onlyFirst, @ForAll @IntRange(max = 6) int onlySecond) {
    int flips = onlyFirst + onlySecond;
    int uneven = Math.abs(onlyFirst - onlySecond);
    int asUneven = 0;
    for (int way = 0; way < 1 << flips; way++) {
      int second = Integer.bitCount(way);
      asUneven += Math.abs(flips - 2 * second) >= uneven ? 1 : 0;
    }
    double expected = Math.scalb((double) asUneven, -flips);
    assertEquals(expected, new McNemar(onlyFirst, onlySecond, 12).pValue(), 1e-12);
  }

  /** Ends by the formula of Bonett and Price, computed with scipy's normal quantile. */
  @ParameterizedTest
  @CsvSource({
    "12, 30, 164, 0.03187166434504629, 0.18499580553447176",
    "0, 0, 20, -0.12599125675906162, 0.12599125675906162",
    "5, 20, 100, 0.051378585283300734, 0.24273906177552274"
  })
  void intervalIsTheFormula(int onlyFirst, int onlySecond, int problems, double low, double high) {
    Interval interval = new McNemar(onlyFirst, onlySecond, problems).interval();
    assertEquals(low, interval.low(), 1e-9);
    assertEquals(high, interval.high(), 1e-9);
  }

  @Property(tries = 300)
  void intervalHoldsTheDifferenceAndMirrors(
      @ForAll @IntRange(max = 50) int onlyFirst,
      @ForAll @IntRange(max = 50) int onlySecond,
      @ForAll @IntRange(min = 1, max = 500) int others) {
    int problems = onlyFirst + onlySecond + others;
    McNemar pair = new McNemar(onlyFirst, onlySecond, problems);
    McNemar mirrored = new McNemar(onlySecond, onlyFirst, problems);
    Interval interval = pair.interval();
    assertTrue(interval.low() <= pair.difference() && pair.difference() <= interval.high());
    assertTrue(-1 <= interval.low() && interval.high() <= 1, interval::toString);
    assertEquals(-interval.high(), mirrored.interval().low(), 1e-12);
    assertEquals(pair.pValue(), mirrored.pValue(), 1e-12);
    assertEquals((double) (onlySecond - onlyFirst) / problems, pair.difference());
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new McNemar(3, 3, 5));
    assertThrows(IllegalArgumentException.class, () -> new McNemar(-1, 3, 5));
    assertThrows(IllegalArgumentException.class, () -> new McNemar(0, 0, 0));
  }
}
