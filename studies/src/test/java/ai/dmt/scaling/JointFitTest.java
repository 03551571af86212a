package ai.dmt.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

class JointFitTest {
  private static final double[] SIZES = {3e5, 1e6, 2e6};
  private static final double[] AMOUNTS = {24, 96, 191, 764};

  /** Noise is a ratio, as errors of losses are. */
  private static List<SizedObservation> data(
      int seeds, double noise, Random random, DoubleBinaryOperator law) {
    List<SizedObservation> data = new ArrayList<>();
    for (int s = 0; s < seeds; s++) {
      for (double size : SIZES) {
        for (double amount : AMOUNTS) {
          double value = law.applyAsDouble(size, amount) * Math.exp(noise * random.nextGaussian());
          data.add(new SizedObservation(size, amount, value));
        }
      }
    }
    return data;
  }

  private static JointFit fit(int seeds, double noise, DoubleBinaryOperator law) {
    return JointFit.of(data(seeds, noise, new Random(7), law)).orElseThrow();
  }

  private static double powers(double size, double amount) {
    return 40 * Math.pow(size, -0.12) * Math.pow(amount, -0.31);
  }

  private static double additive(double size, double amount) {
    return 0.3 + 900 * Math.pow(size, -0.6) + 8 * Math.pow(amount, -0.9);
  }

  @Test
  void exactLawsAreFoundAgain() {
    JointFit powers = fit(1, 0, JointFitTest::powers);
    assertEquals(-0.12, powers.sizeExponent(), 1e-9);
    assertEquals(-0.31, powers.amountExponent(), 1e-9);
    assertEquals(powers(5e5, 50), powers.at(5e5, 50), 1e-9);
    AdditiveLaw additive = Objects.requireNonNull(fit(1, 0, JointFitTest::additive).additive());
    assertEquals(0.3, additive.floor(), 0.005);
    assertEquals(-0.6, additive.sizeExponent(), 0.02);
    assertEquals(-0.9, additive.amountExponent(), 0.01);
    assertEquals(additive(5e5, 50), additive.at(5e5, 50), 1e-3);
    assertFalse(additive.atEdge());
  }

  @Test
  void theTestsSayWhatWasPlanted() {
    assertEquals(
        "larger models are better, by the same power at each amount",
        fit(3, 0.03, JointFitTest::powers).verdict());
    assertEquals(
        "larger models are better, and gain more by data",
        fit(3, 0.03, (n, d) -> powers(n, d) * Math.pow(d / 100, -0.08 * Math.log(n / 1e6)))
            .verdict());
    assertEquals(
        "larger models are worse, by the same power at each amount",
        fit(3, 0.03, (n, d) -> powers(1 / n, d)).verdict());
    assertEquals(
        "no change with the size that these runs show",
        fit(3, 0.03, (n, d) -> powers(1e6, d)).verdict());
  }

  /** A part that is not there, or a law that is no sum, is said to be no fit. */
  @Test
  void anAdditiveLawWithoutOneOfItsPartsIsNoFit() {
    JointFit noSize = fit(1, 0, (n, d) -> 0.3 + 8 * Math.pow(d, -0.9));
    assertTrue(Objects.requireNonNull(noSize.additive()).atEdge());
  }

  /** Of 300 made-up sets of three seeds: at most 5 % and a little find what is not there. */
  @Test
  void testsAreWrongAsSeldomAsTheySay() {
    Random random = new Random(11);
    int sizes = 0;
    int interactions = 0;
    int held = 0;
    for (int repeat = 0; repeat < 300; repeat++) {
      List<SizedObservation> flat =
          data(3, 0.2, random, (n, d) -> powers(1e6, d)).stream()
              .filter(one -> one.amount() < 100) // too few for the additive law, which takes long
              .toList();
      JointFit none = JointFit.of(flat).orElseThrow();
      sizes += none.sizeMatters() <= 0.05 ? 1 : 0;
      interactions += none.interactionMatters() <= 0.05 ? 1 : 0;
      held += none.amountRange().low() <= -0.31 && -0.31 <= none.amountRange().high() ? 1 : 0;
    }
    assertTrue(sizes <= 23, sizes + " of 300");
    assertTrue(interactions <= 23, interactions + " of 300");
    assertTrue(held >= 275 && held <= 295, held + " of 300");
  }

  @Test
  void tooFewRunsAreNoLawAndItSaysWhy() {
    List<SizedObservation> all = data(2, 0.1, new Random(1), JointFitTest::powers);
    assertWhy("2 sizes, 3 are the least", all.stream().filter(o -> o.size() < 2e6).toList());
    assertWhy(
        "1 amounts at several sizes, 2 are the least",
        all.stream().filter(o -> o.amount() < 30 || o.size() == 1e6).toList());
    List<SizedObservation> six = all.stream().filter(o -> o.amount() < 100).toList();
    assertNull(JointFit.of(six).orElseThrow().additive(), "six pairs are too few for five numbers");
  }

  private static void assertWhy(String why, List<SizedObservation> data) {
    assertEquals(why, JointFit.missing(data).orElseThrow());
    assertTrue(JointFit.of(data).isEmpty());
  }
}
