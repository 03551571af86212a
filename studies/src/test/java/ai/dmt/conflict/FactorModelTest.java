package ai.dmt.conflict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.conflict.FactorModel.Factor;
import ai.dmt.conflict.FactorModel.Varies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Grids that were made up: 3 abilities, 3 amounts of own data, 3 of other data, as in tiny. */
class FactorModelTest {
  private static final int STUDIES = 120;
  private static final int PERMUTATIONS = 239;

  /** Effects of a factor by name, in units of the noise; abilities and rows differ by chance. */
  private static FactorModel grid(Map<String, Double> weights, long study) {
    SplittableRandom random = new SplittableRandom(study);
    List<Interfering> places = new ArrayList<>();
    for (int ability = 0; ability < 3; ability++) {
      double ofAbility = 3 * random.nextGaussian();
      double overlap = random.nextGaussian();
      for (int own = 0; own < 3; own++) {
        double cosine = overlap + random.nextGaussian();
        for (int other = 0; other < 3; other++) {
          Map<String, Double> factors = new LinkedHashMap<>();
          factors.put("own", (double) own);
          factors.put("ratio", (double) other - own);
          factors.put("cosine", cosine);
          factors.put("overlap", overlap);
          factors.put("size", 1.0);
          double effect = ofAbility + random.nextGaussian();
          for (Map.Entry<String, Double> weight : weights.entrySet()) {
            effect += weight.getValue() * factors.get(weight.getKey());
          }
          places.add(new Interfering("ability " + ability, "own " + own, effect, factors));
        }
      }
    }
    return new FactorModel(places, study, PERMUTATIONS);
  }

  private static Factor factor(FactorModel model, String name) {
    return model.factors().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static double share(Map<String, Double> weights, String name) {
    int count = 0;
    for (int study = 0; study < STUDIES; study++) {
      count += factor(grid(weights, study), name).predicts() ? 1 : 0;
    }
    return (double) count / STUDIES;
  }

  @Test
  void levelsAtWhichFactorsVaryAreSeen() {
    FactorModel model = grid(Map.of(), 1);
    assertEquals(Varies.BETWEEN_ROWS, factor(model, "own").varies());
    assertEquals(Varies.WITHIN_ROWS, factor(model, "ratio").varies());
    assertEquals(Varies.BETWEEN_ROWS, factor(model, "cosine").varies());
    assertEquals(Varies.BETWEEN_CLUSTERS, factor(model, "overlap").varies());
    assertEquals(Varies.NEVER, factor(model, "size").varies());
    assertFalse(factor(model, "size").predicts());
  }

  @Test
  void noFactorPredictsWhereEffectsAreChance() {
    int any = 0;
    for (int study = 0; study < STUDIES; study++) {
      any += grid(Map.of(), study).factors().stream().anyMatch(Factor::predicts) ? 1 : 0;
    }
    assertTrue(any <= 0.08 * STUDIES, any + " of " + STUDIES + " studies find a factor");
  }

  @Test
  void plantedFactorsAreFoundAndNotTakenForOthers() {
    Map<String, Double> ratio = Map.of("ratio", -2.0);
    assertTrue(share(ratio, "ratio") >= 0.9, "ratio " + share(ratio, "ratio"));
    assertTrue(share(ratio, "cosine") <= 0.08, "cosine, where the ratio does it");
    Map<String, Double> cosine = Map.of("cosine", 4.0);
    assertTrue(share(cosine, "cosine") >= 0.7, "cosine " + share(cosine, "cosine"));
    FactorModel model = grid(ratio, 7);
    assertTrue(factor(model, "ratio").weight() < 0 && model.predicted() > 0.3, "what it predicts");
  }

  /** Two orders in six are as far apart as any: three abilities cannot tell. */
  @Test
  void threeAbilitiesDecideNothingThatIsAnAbilitys() {
    assertEquals(0, share(Map.of("overlap", 10.0), "overlap"));
  }

  @Test
  void whatIsNotKnownIsNoFactor() {
    Interfering one = new Interfering("a", "1", 1, Map.of("cosine", Double.NaN));
    Interfering other = new Interfering("a", "2", 2, Map.of("cosine", 0.5));
    FactorModel model = new FactorModel(List.of(one, other), 1);
    Factor factor = model.factors().get(0);
    assertEquals(Varies.NEVER, factor.varies());
    assertFalse(factor.predicts());
    assertEquals(0, model.predicted(), 1e-9, "nothing but the mean of the other place");
    FactorModel alone = new FactorModel(List.of(one), 1);
    assertTrue(Double.isNaN(alone.predicted()), "there is no other place");
  }
}
