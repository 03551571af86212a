package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static PooledMean plain(double... values) {
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return new PooledMean(values, ones);
  }

  /** All 6^6 resamples, one by one. */
  private static double[] everyResample(PooledMean first, PooledMean second) {
    int problems = first.sums().length;
    int count = (int) Math.pow(problems, problems);
    double[] differences = new double[count];
    for (int resample = 0; resample < count; resample++) {
      int rest = resample;
      int[] drawn = new int[problems];
      for (int d = 0; d < problems; d++) {
        drawn[d] = rest % problems;
        rest /= problems;
      }
      differences[resample] = second.of(drawn) - first.of(drawn);
    }
    return differences;
  }

  private static void compareWithEveryResample(PooledMean first, PooledMean second) {
    double[] all = everyResample(first, second);
    double notAbove = Arrays.stream(all).filter(d -> d <= 0).count() / (double) all.length;
    double notBelow = Arrays.stream(all).filter(d -> d >= 0).count() / (double) all.length;
    PairedBootstrap drawn = PairedBootstrap.of(first, second, 1);
    // Four standard errors of a share of 10,000 draws.
    double error = 4 * Math.sqrt(0.25 / PairedBootstrap.RESAMPLES);
    double exact = Math.min(1, 2 * Math.min(notAbove, notBelow));
    assertEquals(Math.max(exact, 1 / 32.0), drawn.pValue(), 2 * error);
    double below =
        Arrays.stream(all).filter(d -> d < drawn.interval().low()).count() / (double) all.length;
    double above =
        Arrays.stream(all).filter(d -> d > drawn.interval().high()).count() / (double) all.length;
    assertTrue(below <= 0.025 + 0.007 && above <= 0.025 + 0.007, below + " and " + above);
    assertTrue(below + above > 0.01, "both ends lie within the resamples: " + below + ", " + above);
  }

  @Test
  void smallCasesAreThoseOfAllResamples() {
    compareWithEveryResample(plain(0, 1, 0, 0, 0.3, 0), plain(1.1, 0.2, 2, 2.7, 0.4, -0.9));
    PooledMean first =
        new PooledMean(new double[] {2, 10, 3, 4, 8, 1}, new double[] {1, 4, 2, 1, 4, 1});
    PooledMean second =
        new PooledMean(new double[] {3, 8.5, 4.1, 6, 8.3, 0.8}, new double[] {1, 4, 2, 1, 4, 1});
    compareWithEveryResample(first, second);
    assertEquals((30.7 - 28) / 13, PairedBootstrap.of(first, second, 1).difference(), 1e-12);
  }

  /** scipy 1.17.1: ttest_1samp(sin(0..499) + 0.05, 0).pvalue is 0.08898. */
  @Test
  void manyProblemsGiveTheTTestsValue() {
    double[] differences = IntStream.range(0, 500).mapToDouble(i -> Math.sin(i) + 0.05).toArray();
    PairedBootstrap pair = PairedBootstrap.of(plain(new double[500]), plain(differences), 1);
    assertEquals(0.05391613476989575, pair.difference(), 1e-12);
    assertEquals(0.08898, pair.pValue(), 0.012);
    double error = 1.96 * Math.sqrt(0.5 / 500); // the variance of a sine is one half
    assertEquals(pair.difference() - error, pair.interval().low(), 0.003);
    assertEquals(pair.difference() + error, pair.interval().high(), 0.003);
  }

  @Test
  void equalModelsAreCalledDifferentInAboutOneCaseOfTwenty() {
    Random random = new Random(3);
    int alarms = 0;
    for (int trial = 0; trial < 300; trial++) {
      double[] first = random.doubles(40).toArray();
      double[] second = random.doubles(40).toArray();
      alarms += PairedBootstrap.of(plain(first), plain(second), trial).pValue() < 0.05 ? 1 : 0;
    }
    assertTrue(alarms >= 5 && alarms <= 32, "of 300: " + alarms);
  }

  @Property(tries = 40)
  void swappingTheModelsMirrorsTheResult(
      @ForAll @Size(20) List<@DoubleRange(min = 1, max = 10) Double> values) {
    PooledMean first = plain(values.stream().limit(10).mapToDouble(v -> v).toArray());
    PooledMean second = plain(values.stream().skip(10).mapToDouble(v -> v).toArray());
    PairedBootstrap one = PairedBootstrap.of(first, second, 5);
    PairedBootstrap other = PairedBootstrap.of(second, first, 5);
    assertEquals(-one.difference(), other.difference(), 1e-12);
    assertEquals(-one.interval().high(), other.interval().low(), 1e-9);
    assertEquals(one.pValue(), other.pValue(), 1e-12);
    assertTrue(one.pValue() > 0 && one.pValue() <= 1);
    assertEquals(one, PairedBootstrap.of(first, second, 5));
  }

  @Test
  void fewProblemsProveNothing() {
    assertEquals(1, PairedBootstrap.of(plain(1), plain(2), 1).pValue());
    assertEquals(0.25, PairedBootstrap.of(plain(1, 1, 1), plain(2, 2, 2), 1).pValue());
    assertEquals(1, PairedBootstrap.of(plain(1, 2, 3), plain(1, 2, 3), 1).pValue());
    double[] ones = new double[30];
    Arrays.fill(ones, 1);
    double smallest = 2.0 / (PairedBootstrap.RESAMPLES + 1);
    assertEquals(smallest, PairedBootstrap.of(plain(new double[30]), plain(ones), 1).pValue());
  }

  @Test
  void faultyValuesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> PairedBootstrap.of(plain(1, 2), plain(1), 1));
    assertThrows(IllegalArgumentException.class, () -> plain());
    double[] one = {1};
    assertThrows(IllegalArgumentException.class, () -> new PooledMean(one, new double[] {0}));
    assertThrows(IllegalArgumentException.class, () -> new PooledMean(one, new double[] {1, 1}));
  }
}
