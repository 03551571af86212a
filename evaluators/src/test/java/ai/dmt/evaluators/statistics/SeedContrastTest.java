package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.SeedContrast.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeedContrastTest {
  private static final double[] DIFFERENCE = {1, -1};

  private static ScaledMean of(Link link, double... values) {
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return ScaledMean.of(link, new PooledMean(values, ones));
  }

  private static ScaledMean known(double value) {
    return new ScaledMean(value, new double[0], 0, false);
  }

  private static Part differences(double... contrasts) {
    List<List<ScaledMean>> cells = new ArrayList<>();
    for (double contrast : contrasts) {
      cells.add(List.of(known(contrast), known(0)));
    }
    return new Part(DIFFERENCE, cells);
  }

  /** By hand: with two degrees of freedom, P(|T| > t) is 1 - t / sqrt(t^2 + 2). */
  @Test
  void seedsAloneAreThePairedTTest() {
    Effect effect = SeedContrast.of(List.of(differences(1.0, 1.4, 0.9)));
    assertEquals(1.1, effect.estimate(), 1e-12);
    double half = 4.302653 * Math.sqrt(0.07 / 3);
    Interval interval = effect.interval().orElseThrow();
    assertEquals(1.1 - half, interval.low(), 1e-5);
    assertEquals(1.1 + half, interval.high(), 1e-5);
    double t = 1.1 / Math.sqrt(0.07 / 3);
    assertEquals(1 - t / Math.sqrt(t * t + 2), 2 * effect.above(0), 1e-9);
    assertEquals(1, effect.above(0) + effect.below(0), 1e-9);
  }

  @Test
  void oneSeedHasAnEstimateAlone() {
    Effect effect = SeedContrast.of(List.of(differences(1.0)));
    assertFalse(effect.isTested());
    assertEquals(1, effect.above(0));
    assertEquals(1, effect.below(0));
    assertTrue(effect.interval().isEmpty());
    assertTrue(Double.isNaN(effect.detectable(0.05)));
    assertEquals(0, effect.seedsToTell(1, 0.05));
  }

  /** Equal seeds leave the problems' error: that of paired differences over four problems. */
  @Test
  void problemsArePaired() {
    ScaledMean first = of(Link.LOG, 2, 3, 4, 7);
    ScaledMean second = of(Link.LOG, 1, 2, 3, 6);
    Effect effect =
        SeedContrast.of(
            List.of(new Part(DIFFERENCE, List.of(List.of(first, second), List.of(first, second)))));
    double[] differences = new double[4];
    double[] one = {2, 3, 4, 7};
    double[] other = {1, 2, 3, 6};
    double squares = 0;
    for (int i = 0; i < 4; i++) {
      differences[i] = (one[i] - 4) / 4 / 4 - (other[i] - 3) / 3 / 4;
      squares += differences[i] * differences[i];
    }
    assertEquals(0, effect.seedVariance(), 1e-15);
    assertEquals(squares * 4 / 3, effect.problemVariance(), 1e-12);
  }

  @Test
  void sharesAtAnEndAreBoundsWithAnError() {
    ScaledMean none = of(Link.LOGIT, new double[200]);
    assertTrue(none.atEnd());
    assertEquals(Math.log(0.5 / 200.5), none.value(), 1e-12);
    assertEquals(1 / 0.5 + 1 / 200.5, none.unseenVariance(), 1e-9);
    ScaledMean half = of(Link.LOGIT, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
    assertFalse(half.atEnd());
    assertEquals(0, half.unseenVariance());
    Effect same =
        SeedContrast.of(
            List.of(
                new Part(
                    DIFFERENCE,
                    List.of(List.of(none, none), List.of(none, none), List.of(none, none)))));
    assertTrue(same.atEnd());
    assertEquals(2 * none.unseenVariance(), same.problemVariance(), 1e-9);
  }

  @Test
  void anEffectOfThatSizeIsFoundInFourOfFiveStudies() {
    Effect seen = new Effect(0, 4, 0.09, 0.002, false);
    double least = seen.detectable(0.05);
    SplittableRandom random = new SplittableRandom(5);
    int found = 0;
    int studies = 4_000;
    for (int study = 0; study < studies; study++) {
      double problems = Math.sqrt(0.002) * random.nextGaussian();
      double[] contrasts = new double[4];
      Arrays.setAll(contrasts, s -> least + 0.3 * random.nextGaussian());
      double mean = Arrays.stream(contrasts).average().orElseThrow();
      double variance = Arrays.stream(contrasts).map(c -> (c - mean) * (c - mean)).sum() / 3;
      Effect effect = new Effect(mean + problems, 4, variance, 0.002, false);
      found += 2 * effect.above(0) <= 0.05 ? 1 : 0;
    }
    assertEquals(0.8, (double) found / studies, 0.03);
    assertEquals(4, seen.seedsToTell(least * 1.001, 0.05));
    assertTrue(seen.seedsToTell(least / 2, 0.05) > 8);
    assertEquals(0, seen.seedsToTell(0.01, 0.05), "problems alone hide it");
  }
}
