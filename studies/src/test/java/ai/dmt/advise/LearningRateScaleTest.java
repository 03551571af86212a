package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LearningRateScaleTest {
  /** Factors and values of the objective, in turn. */
  private static LearningRateScale of(double... factorsAndValues) {
    return of(Set.of(), factorsAndValues);
  }

  private static LearningRateScale of(Set<Double> unkept, double... factorsAndValues) {
    List<LearningRateScale.Tried> tried = new ArrayList<>();
    for (int i = 0; i < factorsAndValues.length; i += 2) {
      MixturePlan plan = new MixturePlan(Map.of(), Map.of("math", 1.0));
      tried.add(
          new LearningRateScale.Tried(
              factorsAndValues[i],
              factorsAndValues[i + 1],
              !unkept.contains(factorsAndValues[i]),
              new MeasuredRun(plan, Map.of(), List.of())));
    }
    return new LearningRateScale(tried);
  }

  @Test
  void theVertexLiesBetweenTheBestAndItsBetterNeighbour() {
    LearningRateScale scale = of(1, 0.2, 2, 0.1, 4, 0.6, 0.5, 0.9);
    assertFalse(scale.isOpen());
    assertEquals(2 * Math.pow(2, (0.2 - 0.6) / (2 * (0.2 + 0.6 - 0.2))), scale.factor(), 1e-12);
    assertEquals(0.1 + 0.6 / 2 / 9, scale.gain(), 1e-12);
  }

  @Test
  void theOutermostIsNoBestOne() {
    LearningRateScale scale = of(1, 0.3, 0.5, 0.2);
    assertTrue(scale.isOpen());
    assertEquals(0.5, scale.factor());
    assertEquals(0.25, scale.next());
    assertEquals(0.1, scale.gain(), 1e-12);
    assertEquals(2, of(1, 0.3, 0.5, 0.4).next());
    assertEquals(0.5, of(1, 0.3).next());
  }

  @Test
  void ratesThatDivergeSayNothingOfTheVertex() {
    for (double diverged : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      LearningRateScale scale = of(1, 0.3, 0.5, 0.4, 2, diverged);
      assertFalse(scale.isOpen());
      assertEquals(1, scale.factor());
      assertEquals(0, scale.gain());
    }
  }

  @Test
  void whatKeepsTooLittleIsNotAdvised() {
    LearningRateScale scale = of(Set.of(2.0), 1, 0.3, 0.5, 0.4, 2, 0.1);
    assertFalse(scale.isOpen());
    assertEquals(1, scale.factor());
    assertEquals(0, scale.gain());
  }

  @Test
  void equalLossesChangeNothing() {
    LearningRateScale scale = of(0.5, 0.3, 1, 0.3, 2, 0.3);
    assertEquals(0, scale.gain());
    assertEquals(0, of(1, 0.3).gain());
  }
}
