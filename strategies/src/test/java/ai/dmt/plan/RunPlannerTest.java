package ai.dmt.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Presets;
import ai.dmt.strategies.Strategies;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which settings a plan takes, and what it says of those that do not fit. */
class RunPlannerTest {
  private static final SampleLengths LENGTHS = SampleLengths.assumed(400, "for tests");

  private static RunPlanner planner(String preset, String shape, GpuKind gpu) {
    Recipe recipe = Presets.recipe(preset, List.of("training.packing=best_fit"));
    return new RunPlanner(
        recipe,
        Strategies.batches(recipe, recipe.corpus().tables()),
        ModelPreset.parse(shape).model(2048),
        LENGTHS,
        Machine.gpus(gpu, recipe.engine().dtype(), 8));
  }

  @Test
  void theFastestOfThoseThatFitIsChosen() {
    RunPlan plan = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB).plan(8);
    Placement chosen = plan.chosen();
    assertTrue(chosen.fits());
    assertFalse(chosen.changesNumbers());
    assertEquals(chosen, plan.others().get(0));
    for (Placement other : plan.others()) {
      if (other.fits() && !other.changesNumbers()) {
        assertTrue(chosen.step().seconds() <= other.step().seconds(), other.toString());
      }
    }
    assertTrue(plan.others().stream().anyMatch(other -> !other.fits()));
    assertEquals(5082, plan.steps());
    assertEquals(plan.steps() * chosen.step().seconds() * 8 / 3600, plan.rankHours(), 1e-6);
    assertTrue(plan.utilization() > 0.1 && plan.utilization() <= 0.4, plan.text(0));
  }

  /** 16 bytes for each of 32.5 billion parameters on four GPUs of 80 GB: 130 GB each. */
  @Test
  void whereNothingFitsMomentsAndGradientsAreHalved() {
    RunPlan plan = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB).plan(4);
    assertTrue(plan.chosen().changesNumbers());
    assertEquals(DType.BFLOAT16, plan.chosen().states());
    assertEquals("bfloat16", plan.changes().get("engine.gradient_dtype"));
    assertTrue(plan.text(0).contains("rounds"), plan.text(0));
  }

  @Test
  void whatCannotFitNamesTheNearestThatDoes() {
    RunPlanner planner = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB);
    String message = assertThrows(ConfigException.class, () -> planner.plan(2)).getMessage();
    assertTrue(message.contains("33b-dmt-1_256 does not fit 2 x h100-80gb"), message);
    assertTrue(message.contains("it fits 4 x h100-80gb (recompute="), message);
  }

  @Test
  void aModelOfOneGpuMayWantALargerOne() {
    Recipe recipe = Presets.recipe("7b-math", List.of());
    RunPlan plan = planner("7b-math", "7b", GpuKind.H200_141GB).plan(1);
    assertTrue(plan.chosen().fits());
    assertEquals(recipe.engine().optimizerStates(), plan.chosen().states());
    assertFalse(plan.changes().containsKey("engine.sharding"));
  }

  @Test
  void whatIsComputedAgainTakesTimeAndSavesMemory() {
    RunPlan plan = planner("7b-math", "7b", GpuKind.H200_141GB).plan(4);
    Placement none = find(plan, Recompute.NONE);
    Placement full = find(plan, Recompute.FULL);
    assertTrue(none.step().computation() < full.step().computation());
    RunPlan again = planner("7b-math", "7b", GpuKind.H200_141GB).plan(4);
    assertEquals(plan.text(2), again.text(2));
  }

  private static Placement find(RunPlan plan, Recompute level) {
    return plan.others().stream()
        .filter(each -> each.config().recompute() == level)
        .filter(each -> each.config().sharding().mode() == Sharding.FULL)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void moreGpusTakeLessTimeAndAcrossNodesCollectivesAreSlower() {
    RunPlanner planner = planner("33b-dmt-1_256", "33b", GpuKind.H100_80GB);
    double eight = planner.plan(8).duration().toSeconds();
    double sixteen = planner.plan(16).duration().toSeconds();
    assertTrue(sixteen < eight, sixteen + " " + eight);
    assertTrue(
        planner.plan(16).others().stream()
            .anyMatch(each -> each.config().sharding().mode() == Sharding.HYBRID));
    String message = assertThrows(ConfigException.class, () -> planner.plan(12)).getMessage();
    assertEquals("12 ranks are no multiple of the 8 of a node", message);
  }

  /** Of all that is not computed again: 6 for each weight and token, and attention. */
  @Test
  void operationsOfAStepAreThoseOfItsTokens() {
    ModelConfig model = ModelPreset.parse("7b").model(2048);
    StepWork work = StepWork.of(model, EngineConfig.defaults(), 1000, LENGTHS);
    assertEquals(
        1, (work.products() + work.attention()) / (1000 * model.trainingFlopsPerToken(400)), 1e-4);
    assertEquals(model.parameters(), work.updates());
    StepWork again =
        StepWork.of(model, EngineConfig.defaults().withRecompute(Recompute.FULL), 1000, LENGTHS);
    assertTrue(
        again.products() > 1.2 * work.products() && again.products() < work.products() * 4 / 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a100-80gb", "h100-80gb", "h200-141gb", "b200", "b200-180gb", "l40s"})
  void gpusHaveNames(String name) {
    assertTrue(GpuKind.parse(name).text().startsWith(name));
  }

  @Test
  void anUnknownGpuIsToldTheNearest() {
    String message =
        assertThrows(ConfigException.class, () -> GpuKind.parse("h100-80bg")).getMessage();
    assertTrue(message.contains("did you mean h100-80gb?"), message);
    assertTrue(GpuKind.find("a100").isEmpty()); // there are two
  }

  @Test
  void ranksAreCounted() {
    RunPlanner planner = planner("7b-math", "7b", GpuKind.H200_141GB);
    assertThrows(ConfigException.class, () -> planner.plan(0));
  }
}
