package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.evaluators.statistics.SeedContrast;
import ai.dmt.study.Interference.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Thresholds of curves that were made up, so that their truth is known. */
class InterferenceTest {
  private static final List<Double> AMOUNTS = List.of(1 / 64.0, 1 / 16.0, 1 / 4.0, 1.0);
  private static final double MARGIN = 0.1;
  private static final int STUDIES = 1_000;
  private static final int LEAST_SEEDS = 3;

  private static Interference exact(double... effects) {
    List<Effect> list = new ArrayList<>();
    for (double effect : effects) {
      list.add(new Effect(effect, 3, 1e-6, 0, false));
    }
    return new Interference(AMOUNTS.subList(0, effects.length), list, MARGIN, LEAST_SEEDS);
  }

  /** Arms of some seeds; that of none of the other data is common to all amounts. */
  private static Interference drawn(double[] truth, int seeds, double spread, long study) {
    SplittableRandom random = new SplittableRandom(study);
    double[] none = random.doubles(seeds).map(u -> spread * random.nextGaussian()).toArray();
    List<Effect> effects = new ArrayList<>();
    for (double each : truth) {
      List<List<ScaledMean>> cells = new ArrayList<>();
      for (int s = 0; s < seeds; s++) {
        double with = each + none[s] / 2 + spread * random.nextGaussian();
        cells.add(List.of(mean(with), mean(none[s])));
      }
      effects.add(SeedContrast.of(List.of(new SeedContrast.Part(new double[] {1, -1}, cells))));
    }
    return new Interference(AMOUNTS, effects, MARGIN, LEAST_SEEDS);
  }

  private static ScaledMean mean(double value) {
    return new ScaledMean(value, new double[0], 0, false);
  }

  private static double share(double[] truth, double spread, Verdict verdict) {
    int count = 0;
    for (int study = 0; study < STUDIES; study++) {
      count += drawn(truth, 3, spread, study).verdict() == verdict ? 1 : 0;
    }
    return (double) count / STUDIES;
  }

  @Test
  void theThresholdLiesBetweenWhereHarmIsRuledOutAndWhereItIsShown() {
    Interference found = exact(0.02, 0, -0.2, -0.6);
    assertEquals(Verdict.FOUND, found.verdict());
    assertEquals(1, found.above().getAsInt());
    assertEquals(2, found.from().getAsInt());
    // Half of the way from 0 to -0.2, and half of that from 1/16 to 1/4 in logarithms.
    assertEquals(1 / 8.0, found.estimate().getAsDouble(), 1e-9);
  }

  @Test
  void aGainFirstIsNoHarmAndUpsAndDownsAreAveraged() {
    assertEquals(1 / 8.0, exact(0.3, 0, -0.2, -0.6).estimate().getAsDouble(), 1e-9);
    // -0.3 and -0.1 are one step of -0.2.
    assertEquals(1 / 32.0, exact(0, -0.3, -0.1).estimate().getAsDouble(), 1e-9);
    assertEquals(1 / 64.0, exact(-0.5, -0.6).estimate().getAsDouble(), "at most the smallest");
    assertEquals(OptionalDouble.empty(), exact(0.1, -0.05, -0.09).estimate());
  }

  @Test
  void noHarmIsNoneOnlyWhereItIsRuledOutAtEachAmount() {
    assertEquals(Verdict.NONE, exact(0.02, 0, -0.02, -0.05).verdict());
    assertEquals(Verdict.UNDECIDED, exact(0.02, 0, -0.02, -0.1).verdict());
    Effect bound = new Effect(0, 3, 1e-6, 0, true);
    Interference atEnd = new Interference(List.of(1.0), List.of(bound), MARGIN, LEAST_SEEDS);
    assertEquals(Verdict.UNDECIDED, atEnd.verdict(), "a score at its end may hide harm");
    Effect two = new Effect(-1, 2, 1e-6, 0, false);
    assertEquals(
        Verdict.ESTIMATE,
        new Interference(List.of(1.0), List.of(two), MARGIN, LEAST_SEEDS).verdict());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Interference(AMOUNTS, List.of(two), MARGIN, LEAST_SEEDS));
  }

  @Test
  void noInterferenceIsSeldomFoundAndSeldomDeniedWhereItIs() {
    double[] none = {0, 0, 0, 0};
    double[] atMargin = {-MARGIN, -MARGIN, -MARGIN, -MARGIN};
    for (double spread : new double[] {0.02, 0.1, 0.5}) {
      assertTrue(share(none, spread, Verdict.FOUND) <= 0.03, "no effect, spread " + spread);
      assertTrue(share(atMargin, spread, Verdict.FOUND) <= 0.035, "margin, spread " + spread);
      assertTrue(share(atMargin, spread, Verdict.NONE) <= 0.035, "margin, spread " + spread);
    }
  }

  @Test
  void aPlantedThresholdIsFoundAndItsIntervalHoldsIt() {
    double[] planted = {0.1, 0, -0.4, -0.8}; // 1/16 to 1/4
    int holds = 0;
    int found = 0;
    for (int study = 0; study < STUDIES; study++) {
      Interference one = drawn(planted, 3, 0.05, study);
      found += one.verdict() == Verdict.FOUND ? 1 : 0;
      holds += one.above().orElse(-1) <= 1 && one.from().orElse(3) >= 2 ? 1 : 0;
    }
    assertTrue(found >= 0.95 * STUDIES, found + " found");
    assertTrue(holds >= 0.95 * STUDIES, holds + " intervals hold the truth");
    assertTrue(share(new double[] {0, 0, 0, 0}, 0.02, Verdict.NONE) >= 0.7, "none is told as none");
  }
}
