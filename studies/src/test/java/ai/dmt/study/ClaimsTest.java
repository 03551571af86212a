package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Claims and tables over results that were made up. */
class ClaimsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double[] SEED_NOISE = {-0.01, 0.01};

  private final ObjectNode results = JSON.createObjectNode();
  private final ArrayNode cells = results.putArray("cells");
  private int nodes;

  ClaimsTest() {
    results.put("study", "made up").putArray("seeds").add(1).add(2);
    results.putArray("sources").add("math").add("general");
    results.putArray("general").add("general");
    ObjectNode gsm8k = results.putObject("benchmarks").putObject("gsm8k").put("source", "math");
    gsm8k.putArray("scores").add("accuracy/strict");
    ObjectNode grid = results.putObject("grid").put("headline_k", 0.25).put("ratio_general", 0.25);
    grid.putArray("amounts").add(1).add(0.25);
    grid.putArray("dmt_k").add(0).add(0.25).add(1);
    ObjectNode base = results.putObject("base");
    base.putObject("held_out").put("math", 3).put("general", 3);
  }

  /** Cells of one group; the losses of the second seed are 0.02 above those of the first. */
  private void group(
      StudyQuestion question, String name, double math, double general, double score) {
    for (int seed = 0; seed < results.path("seeds").size(); seed++) {
      ObjectNode cell = cells.addObject().put("id", name + " seed " + seed).put("group", name);
      cell.put("question", question.word()).put("seed", seed);
      ObjectNode stage = cell.putArray("stages").addObject().put("node", "n" + nodes++);
      double noise = SEED_NOISE[seed];
      stage.putObject("held_out").put("math", math + noise).put("general", general + noise);
      stage.put("name", "all").putObject("samples").put("math", 7);
      ObjectNode shown = cell.putObject("scores").putArray("gsm8k").addObject();
      shown.put("name", "accuracy").put("mode", "strict").put("score", score);
      shown.putArray("interval").add(score - 0.03).add(score + 0.03);
    }
  }

  private void strategies() {
    group(StudyQuestion.STRATEGIES, "math only", 1.0, 3.0, 0.9);
    group(StudyQuestion.STRATEGIES, "general only", 3.0, 1.0, 0.1);
    group(StudyQuestion.STRATEGIES, "multi-task", 1.1, 1.001, 0.88);
    group(StudyQuestion.STRATEGIES, "sequential", 2.0, 1.0, 0.4);
    group(StudyQuestion.STRATEGIES, "mixed-sequential", 2.0, 1.0, 0.4);
    group(StudyQuestion.STRATEGIES, "dmt k=1/4", 1.2, 1.01, 0.8);
  }

  private Claim claim(String id) {
    return Claims.of(new ResultView(results)).stream()
        .filter(claim -> claim.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private List<String> verdicts(String id) {
    return claim(id).tests().stream().map(test -> test.verdict().text()).toList();
  }

  @Test
  void forgettingAndRecoveryAreSeenInScoreAndLoss() {
    strategies();
    assertEquals(List.of("held", "held", "held", "held"), verdicts("4c"));
    assertEquals(List.of("held", "held"), verdicts("4d"));
    assertEquals(List.of("held", "held"), verdicts("4e"));
    assertEquals(List.of("held"), verdicts("4f"));
    Claim.Tested loss = claim("4d").tests().get(1);
    assertEquals(0.8, loss.effect().mean(), 1e-9, "a loss that falls is a gain");
    assertEquals(2, loss.effect().seeds());
  }

  @Test
  void whatIsWithinTheNoiseIsNotDecidedAndTheOppositeDoesNotHold() {
    strategies();
    assertEquals(List.of("not decided"), verdicts("4b"));
    group(StudyQuestion.AMOUNT, "amount math k=1", 2.0, 3.0, 0.2);
    group(StudyQuestion.AMOUNT, "amount math k=1/4", 1.0, 3.0, 0.6);
    assertEquals(List.of("does not hold", "does not hold"), verdicts("1a"));
    assertEquals(Claim.Outcome.NOT, claim("1a").outcome());
    assertEquals(Claim.Outcome.OPEN, claim("4b").outcome());
    assertEquals(Claim.Outcome.HOLDS, claim("4c").outcome());
    assertEquals(Claim.Outcome.NOT_ASKED, claim("2a").outcome());
  }

  /** By hand: variance of seeds 0.0002, 2 groups of weight 1, 2 seeds, 6 degrees of freedom. */
  @Test
  void intervalOfALossIsStudentsOverPooledSeeds() {
    strategies();
    Contrast.Estimate effect = claim("4d").tests().get(1).effect();
    double half = 2.446912 * Math.sqrt(2 * 0.0002 / 2);
    assertEquals(0.8 - half, effect.low(), 1e-6);
    assertEquals(0.8 + half, effect.high(), 1e-6);
  }

  /** Problems alone: both scores have 0.03 on each side, the seeds' scores are equal. */
  @Test
  void intervalOfAScoreHoldsTheErrorOfItsProblems() {
    strategies();
    Contrast.Estimate effect = claim("4d").tests().get(0).effect();
    assertEquals(0.4 - 0.03 * Math.sqrt(2), effect.low(), 1e-9);
  }

  @Test
  void oneSeedTestsNoLoss() {
    results.putArray("seeds").add(1);
    strategies();
    assertEquals(List.of("held", "not tested: one seed"), verdicts("4d"));
    assertFalse(claim("4d").tests().get(1).effect().hasInterval());
  }

  @Test
  void tablesShowMeansBesideThePaper() {
    strategies();
    ResultTables tables = new ResultTables(new ResultView(results), PaperResults.read());
    Table table = tables.groups(StudyQuestion.STRATEGIES);
    assertEquals(
        List.of(
            "run",
            "math: gsm8k accuracy, strict (%)",
            "math: held-out loss (nats)",
            "general: held-out loss (nats)"),
        table.header());
    List<String> multiTask = table.rows().get(3);
    assertEquals("multi-task", multiTask.get(0));
    assertEquals("88.0 ± 0.0", multiTask.get(1));
    assertEquals("1.100 ± 0.014", multiTask.get(2));
    Table paper = tables.paper(StudyQuestion.STRATEGIES);
    assertEquals(List.of("run", "LLaMA 7B", "LLaMA 13B", "LLaMA 33B"), paper.header());
    assertEquals(List.of("multi-task", "47.53 / 14.63 / 5.76"), paper.rows().get(2).subList(0, 2));
    assertEquals(
        List.of("DMT k=1/4", "k=1/256: 41.92 / 17.68 / 6.08"), paper.rows().get(5).subList(0, 2));
  }

  @Test
  void theMainTableHasTheOwnSourceAloneTheStrategiesAndTheSweep() {
    strategies();
    group(StudyQuestion.DMT_K, "k sweep k=0", 2.0, 1.0, 0.4);
    group(StudyQuestion.DMT_K, "k sweep k=1/4", 1.2, 1.01, 0.8);
    group(StudyQuestion.DMT_K, "k sweep k=1", 1.1, 1.01, 0.85);
    Table table = new ResultTables(new ResultView(results), PaperResults.read()).main();
    assertEquals(List.of("trained by", "math (%)"), table.header());
    assertEquals(
        List.of(
            List.of("base model", "-"),
            List.of("own source alone", "90.0"),
            List.of("multi-task", "88.0"),
            List.of("sequential", "40.0"),
            List.of("mixed-sequential", "40.0"),
            List.of("DMT k=1/4", "80.0"),
            List.of("DMT k=1", "85.0")),
        table.rows());
  }

  @Test
  void aMissingScoreIsNoZero() {
    strategies();
    for (JsonNode cell : cells) {
      ((ObjectNode) cell).putObject("scores").putObject("gsm8k").put("missing", "no python3");
    }
    ResultTables tables = new ResultTables(new ResultView(results), PaperResults.read());
    assertEquals("-", tables.groups(StudyQuestion.STRATEGIES).rows().get(3).get(1));
    assertEquals(Map.of("gsm8k", "no python3"), tables.missing());
    assertTrue(claim("4d").tests().stream().allMatch(test -> test.metric().isLoss()));
  }
}
