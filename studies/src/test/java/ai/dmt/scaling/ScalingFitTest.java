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

  private static List<Observation> data(int seeds, double noise, DoubleUnaryOperator law) {
    Random random = new Random(7);
    List<Observation> data = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      for (double amount : AMOUNTS) {
        data.add(
            new Observation(amount, law.applyAsDouble(amount) + noise * random.nextGaussian()));
      }
    }
    return data;
  }

  private static ScalingFit fit(int seeds, double noise, DoubleUnaryOperator law) {
    return ScalingFit.of(data(seeds, noise, law)).orElseThrow();
  }

  @Test
  void exactLawsAreFoundAgain() {
    Fit power = fit(1, 0, n -> 7 * Math.pow(n, 0.31)).fits().get(ScalingLaw.POWER);
    assertEquals(0.31, power.exponent(), 1e-6);
    assertEquals(7, power.factor(), 1e-5);
    Fit falling = fit(1, 0, n -> 3 * Math.pow(n, -0.12)).fits().get(ScalingLaw.POWER);
    assertEquals(-0.12, falling.exponent(), 1e-6);
    Fit plateau = fit(1, 0, n -> 60 - 80 * Math.pow(n, -0.7)).fits().get(ScalingLaw.PLATEAU);
    assertEquals(60, plateau.plateau(), 1e-4);
    assertEquals(-80, plateau.factor(), 1e-3);
    assertEquals(-0.7, plateau.exponent(), 1e-6);
  }

  @Test
  void theLikelierLawIsTold() {
    assertEquals("a power law is likelier", fit(3, 0.3, n -> 7 * Math.pow(n, 0.31)).verdict());
    assertEquals("a plateau is likelier", fit(3, 0.3, n -> 60 - 80 * Math.pow(n, -0.7)).verdict());
    assertEquals("no change with the amount", fit(3, 0.3, n -> 20).verdict());
    assertEquals("too few runs to tell", fit(1, 0.3, n -> 20).verdict());
  }

  /** By hand: n = 10, residuals of 1 and -1, one parameter and the variance. */
  @Test
  void aiccIsAkaikes() {
    List<Observation> data = new ArrayList<>();
    for (double amount : AMOUNTS) {
      data.add(new Observation(amount, 11));
      data.add(new Observation(amount, 9));
    }
    double expected = 10 * Math.log(10 / 10.0) + 2 * 2 + 2.0 * 2 * 3 / (10 - 2 - 1);
    assertEquals(expected, ScalingLaw.CONSTANT.fit(data).aicc(data), 1e-9);
    assertEquals(
        1,
        ScalingFit.of(data).orElseThrow().weights().values().stream()
            .mapToDouble(weight -> weight)
            .sum(),
        1e-9);
  }

  /** 95 % intervals of 200 samples of noise hold the truth in about 190. */
  @Test
  void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
    int held = 0;
    Random random = new Random(3);
    for (int repeat = 0; repeat < 200; repeat++) {
      List<Observation> data = new ArrayList<>();
      for (int seed = 0; seed < 3; seed++) {
        for (double amount : AMOUNTS) {
          double value = 5 * Math.pow(amount, 0.3) + random.nextGaussian();
          data.add(new Observation(amount, value));
        }
      }
      ScalingFit.Range range = ScalingFit.of(data).orElseThrow().exponent();
      held += range.low() <= 0.3 && 0.3 <= range.high() ? 1 : 0;
    }
    assertTrue(held >= 176 && held <= 199, held + " of 200");
  }

  @Test
  void twoAmountsAreNoLaw() {
    List<Observation> data = List.of(new Observation(1, 2), new Observation(10, 3));
    assertFalse(ScalingFit.of(data).isPresent());
  }
}
