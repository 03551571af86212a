package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.train.Corpus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MixtureSpaceTest {
  private static MixtureSpace of(Map<String, Corpus.Role> roles) {
    Map<String, Double> sizes = new LinkedHashMap<>();
    Map<String, Double> longest = new LinkedHashMap<>();
    roles.keySet().forEach(name -> sizes.put(name, 1000.0 + name.length()));
    roles.keySet().forEach(name -> longest.put(name, 50.0));
    return MixtureSpace.of(roles, sizes, longest, 12_000);
  }

  @Test
  void allCandidatesSpendTheSameTokensAndNoneIsThereTwice() {
    MixtureSpace space = PlantedMixtures.threeSources();
    List<MixturePlan> plans = space.candidates();
    assertEquals(4, space.parts());
    assertEquals(42 + 5, plans.size(), "of quarters, and all rows as they are");
    assertEquals(plans.size(), Set.copyOf(plans).size());
    for (MixturePlan plan : plans) {
      assertEquals(80e3, plan.tokens(), 1e-6, plan::text);
    }
    assertEquals(plans.size(), plans.stream().map(MixturePlan::text).distinct().count());
  }

  @Test
  void fourSourcesAreDividedMoreCoarsely() {
    Map<String, Corpus.Role> roles = new LinkedHashMap<>();
    List.of("a", "b", "c").forEach(name -> roles.put(name, Corpus.Role.SPECIALIZED));
    roles.put("d", Corpus.Role.GENERAL);
    MixtureSpace space = of(roles);
    assertEquals(3, space.parts());
    assertTrue(space.candidates().size() <= 60, () -> "" + space.candidates().size());
  }

  @Test
  void sourcesOfOneRoleHaveOneStage() {
    MixtureSpace space = of(Map.of("a", Corpus.Role.SPECIALIZED, "b", Corpus.Role.SPECIALIZED));
    assertTrue(space.candidates().stream().noneMatch(MixturePlan::hasTwoStages));
    assertEquals(1, space.baselines().size());
    assertThrows(ConfigException.class, space::paper);
  }

  @Test
  void oneSourceIsNothingToAdviseOn() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> of(Map.of("a", Corpus.Role.GENERAL)));
    assertTrue(e.getMessage().contains("needs two sources or more, got [a]"), e.getMessage());
  }

  @Test
  void stagesAreThoseOfDmt() {
    MixtureSpace space = PlantedMixtures.threeSources();
    MixturePlan plan = space.plan(Map.of("code", 0.25, "math", 0.25, "general", 0.5), 0.25);
    assertEquals(Map.of("code", 16e3, "math", 16e3), plan.first());
    assertEquals(Map.of("code", 4e3, "math", 4e3, "general", 40e3), plan.last());
    assertEquals("dmt k=1/4: code 25 %, math 25 %, general 50 %", plan.text());
    StrategyRecipe strategy = plan.scaled(0.5).strategy();
    assertEquals(2, strategy.stages().size());
    assertEquals(16e3, strategy.stages().get(0).total(), 1e-6);
    assertEquals(24e3, strategy.stages().get(1).total(), 1e-6);
    assertTrue(strategy.stages().get(1).replacement());
    assertEquals("mixed-sequential", space.plan(Map.of("code", 0.5, "general", 0.5), 0).kind());
    assertEquals("alone: code 100 %", space.plan(Map.of("code", 1.0)).text());
    assertEquals("dmt k=1/256: code 10 %, math 63 %, general 28 %", space.paper().text());
  }

  @Test
  void aMixtureWhoseStageHasNotOneSampleIsNone() {
    MixtureSpace space = PlantedMixtures.threeSources();
    assertTrue(space.fits(space.paper().scaled(0.01)));
    assertFalse(space.fits(space.paper().scaled(0.001)));
    MixtureSpace small =
        new MixtureSpace(space.sources(), space.sizes(), space.longest(), 200, 4, List.of(0.0));
    assertTrue(small.candidates().stream().allMatch(small::fits));
    assertTrue(small.candidates().size() < 30, () -> "" + small.candidates());
  }
}
