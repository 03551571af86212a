package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hours of GPUs that a study predicts, without any of its files. */
class GpuHoursTest {
  private static StudyPlan plan(StudyDefinition study) {
    StudyGraph graph = new StudyGraph(study, Map.of("", "x"), Map.of());
    return new StudyPlan(study, graph, graph.cells(), study.recipe().corpus().tables());
  }

  /** 6 (layers and unembedding) + 6 layers width length, at 2,048 tokens. */
  @ParameterizedTest(name = "{0}: {1} GFLOP a token")
  @CsvSource({"7b, 41.25", "13b, 79.63", "33b, 198.8"})
  void operationsOfATokenFollowFromTheShape(String preset, double gigaFlops) {
    CostRecipe cost = Objects.requireNonNull(StudyPresets.read(preset, List.of()).cost());
    ModelShape shape = Objects.requireNonNull(cost.shape());
    assertEquals(gigaFlops, 1e-9 * shape.trainingFlopsPerToken(2048), 0.06);
  }

  /**
   * By hand: 110,142 rows of 235 tokens three times are 77.65 million tokens of 39.83 GFLOP; at
   * half of 312 TFLOP/s that takes 5.5 hours. The companion paper reports 6 or 9.
   */
  @Test
  void hoursAreOperationsOverTheAssumedSpeed() {
    StudyDefinition study = StudyPresets.read("7b", List.of());
    StudyPlan plan = plan(study);
    StageNode math =
        plan.nodes().stream()
            .filter(node -> node.label().equals("math only seed 42: math"))
            .findFirst()
            .orElseThrow();
    GpuHours hours = GpuHours.of(study, Objects.requireNonNull(study.cost()));
    assertEquals(5.51, hours.of(plan.size(math), false), 0.02);
  }

  @Test
  void anotherGpuCanBeNamedOrDescribed() {
    String a100 = totals(List.of());
    assertTrue(a100.contains("GPU hours of a100-80gb"), a100);
    assertTrue(a100.contains("predicted and not measured"), a100);
    assertTrue(a100.contains("50.0 % of 312 TFLOP/s, an assumption"), a100);
    String h100 = totals(List.of("cost.gpu=h100-80gb", "cost.gpus=16"));
    assertTrue(h100.contains("of h100-80gb") && h100.contains("with 16 of them"), h100);
    assertTrue(h100.contains("40.0 % of 989 TFLOP/s"), h100);
    String own = totals(List.of("cost.gpu=mine", "cost.peak_tflops=2000", "cost.utilization=0.3"));
    assertTrue(own.contains("30.0 % of 2000 TFLOP/s"), own);
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> StudyPresets.read("7b", List.of("cost.gpu=h1000")));
    assertTrue(e.getMessage().contains("h100-80gb"), e.getMessage());
  }

  @Test
  void aModelWithoutAShapeMustBeThere() {
    StudyDefinition study = StudyPresets.read("7b", List.of("~cost.shape", "model=/no/such/model"));
    String message = assertThrows(ConfigException.class, () -> plan(study)).getMessage();
    assertTrue(message.contains("/no/such/model/config.json"), message);
    assertTrue(message.contains("cost.shape"), message);
  }

  private static String totals(List<String> changes) {
    return plan(StudyPresets.read("7b", changes))
        .text(new StudyFolder(java.nio.file.Path.of("no-such-folder")), 1);
  }
}
