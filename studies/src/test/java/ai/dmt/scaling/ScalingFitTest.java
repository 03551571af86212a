package ai.dmt.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ScalingFitTest {
  private static final double[] AMOUNTS = {4, 17, 69, 275, 1101};

  /** Noise is a ratio, as errors of losses are. */
  private static List<Observation> data(
      int seeds, double noise, Random random, DoubleUnaryOperator law) {
    List<Observation> data = new ArrayList<>();
    for (int s = 0; s < seeds; s++) {
      for (double amount : AMOUNTS) {
        double value = law.applyAsDouble(amount) * Math.exp(noise * random.nextGaussian());
        data.add(new Observation(amount, value));
      }
    }
    return data;
  }

  private static ScalingFit fit(int seeds, double noise, DoubleUnaryOperator law) {
    return ScalingFit.of(data(seeds, noise, new Random(7), law)).orElseThrow();
  }

  private static double power(double n) {
    return 7 * Math.pow(n, -0.31);
  }

  private static double plateau(double n) {
    return 0.5 + 8 * Math.pow(n, -0.9);
  }

  @Test
  void exactLawsAreFoundAgain() {
    Fit power = fit(1, 0, ScalingFitTest::power).fits().get(ScalingLaw.POWER);
    assertEquals(-0.31, power.exponent(), 1e-9);
    assertEquals(7, power.factor(), 1e-8);
    Fit plateau = fit(1, 0, ScalingFitTest::plateau).fits().get(ScalingLaw.PLATEAU);
    assertEquals(0.5, plateau.plateau(), 0.005);
    assertEquals(-0.9, plateau.exponent(), 0.01);
    assertFalse(plateau.atEdge());
  }

  @Test
  void theTestsSayWhatWasPlanted() {
    assertTrue(fit(3, 0.05, ScalingFitTest::power).verdict().startsWith("a power law"));
    assertEquals("levels off at a plateau", fit(3, 0.05, ScalingFitTest::plateau).verdict());
    assertEquals("no change with the amount that these runs show", fit(3, 0.05, n -> 2).verdict());
  }

  /** A curve that falls ever faster has no plateau: the best one is at the edge of the search. */
  @Test
  void whatOnlyTheEdgeOfTheSearchFitsIsNoFit() {
    ScalingFit fit = fit(2, 0.01, n -> Math.exp(-n / 400));
    assertTrue(fit.fits().get(ScalingLaw.PLATEAU).atEdge());
    assertTrue(fit.levelsOff() > 0.95);
    assertTrue(fit.misfit() < 0.001, "three amounts lie far off any power law");
    assertEquals(
        "it changes with the amount, but neither a power law nor a plateau fits", fit.verdict());
  }

  /** Of 400 made-up sets of three seeds each: at most 5 % and a little find what is not there. */
  @Test
  void testsAreWrongAsSeldomAsTheySay() {
    Random random = new Random(11);
    int plateaus = 0;
    int amounts = 0;
    int found = 0;
    int held = 0;
    int misfits = 0;
    for (int repeat = 0; repeat < 400; repeat++) {
      ScalingFit power = ScalingFit.of(data(3, 0.2, random, ScalingFitTest::power)).orElseThrow();
      plateaus += power.levelsOff() <= 0.05 ? 1 : 0;
      misfits += power.misfit() <= 0.05 ? 1 : 0;
      held += power.exponent().low() <= -0.31 && -0.31 <= power.exponent().high() ? 1 : 0;
      amounts +=
          ScalingFit.of(data(3, 0.2, random, n -> 2)).orElseThrow().amountMatters() <= 0.05 ? 1 : 0;
      found +=
          ScalingFit.of(data(3, 0.2, random, ScalingFitTest::plateau)).orElseThrow().levelsOff()
                  <= 0.05
              ? 1
              : 0;
    }
    assertTrue(plateaus <= 26, plateaus + " of 400");
    assertTrue(misfits <= 30, misfits + " of 400 power laws are said not to fit");
    assertTrue(amounts <= 26, amounts + " of 400");
    assertTrue(held >= 370 && held <= 392, held + " of 400");
    assertTrue(found >= 320, found + " of 400");
  }

  @Test
  void fourAmountsAreNoLaw() {
    List<Observation> data =
        data(3, 0.1, new Random(1), ScalingFitTest::power).stream()
            .filter(o -> o.amount() > 4)
            .toList();
    assertFalse(ScalingFit.of(data).isPresent());
  }
}
