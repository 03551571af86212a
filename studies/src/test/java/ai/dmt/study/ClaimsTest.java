package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.statistics.PooledMean;
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
  private static final double[] SEED_NOISE = {-0.01, 0.01, 0.005};

  private final ObjectNode results = JSON.createObjectNode();
  private final ArrayNode cells = results.putArray("cells");
  private int nodes;
  private int groups;

  ClaimsTest() {
    results.put("study", "made up").putArray("seeds").add(1).add(2).add(3);
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

  /** Cells of one group; losses differ between seeds and groups by the noise, scores do not. */
  private void group(
      StudyQuestion question, String name, double math, double general, double score) {
    int number = groups++;
    for (int seed = 0; seed < results.path("seeds").size(); seed++) {
      ObjectNode cell = cells.addObject().put("id", name + " seed " + seed).put("group", name);
      cell.put("question", question.word()).put("seed", seed);
      ObjectNode stage = cell.putArray("stages").addObject().put("node", "n" + nodes++);
      double noise = SEED_NOISE[(seed + number) % SEED_NOISE.length];
      stage.putObject("held_out").put("math", math + noise).put("general", general + noise);
      stage.put("name", "all").putObject("samples").put("math", 7);
      ObjectNode shown = cell.putObject("scores").putArray("gsm8k").addObject();
      shown.put("name", "accuracy").put("mode", "strict").put("score", score).put("total", 400);
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

  private void ofWorld() {
    results.putObject("world").put("seed", 1);
  }

  private Claim claim(String id) {
    return Claims.of(new ResultView(results), Registration.packaged()).stream()
        .filter(claim -> claim.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void forgettingAndRecoveryAreSupportedByTheRegisteredLoss() {
    ofWorld();
    strategies();
    assertEquals(Claim.Verdict.SUPPORTED, claim("4c").verdict());
    assertEquals(Claim.Verdict.SUPPORTED, claim("4d").verdict());
    Claim.Tested loss = claim("4d").primary().orElseThrow();
    assertTrue(loss.metric().isLoss());
    assertEquals(
        Math.log(2.0 / 1.2), loss.effect().estimate(), 0.01, "a loss that falls is a gain");
    assertEquals(3, loss.effect().seeds());
    assertEquals("loss × 0.60", EffectText.of(loss));
    assertEquals(2, claim("4d").secondary().size(), "the score and the loss");
  }

  @Test
  void otherDataAreDecidedOnTheFirstScore() {
    strategies();
    assertEquals("gsm8k", claim("4d").primary().orElseThrow().metric().benchmark());
    assertTrue(claim("4b").primary().isEmpty(), "no score of general is there");
    assertEquals(Claim.Verdict.NOT_ASKED, claim("4b").verdict());
  }

  @Test
  void whatIsWithinTheNoiseIsInconclusiveAndTheOppositeContradicts() {
    ofWorld();
    strategies();
    group(StudyQuestion.AMOUNT, "amount math k=1", 2.0, 3.0, 0.2);
    group(StudyQuestion.AMOUNT, "amount math k=1/4", 1.0, 3.0, 0.6);
    assertEquals(Claim.Verdict.CONTRADICTED, claim("1a").verdict());
    assertEquals(Claim.Verdict.INCONCLUSIVE, claim("4b").verdict());
    assertEquals(Claim.Verdict.NOT_ASKED, claim("2a").verdict());
  }

  /** By hand: all seeds' contrasts are the logarithms of (math + noise) ratios; t of 2 degrees. */
  @Test
  void intervalOfALossIsStudentsOverPairedSeeds() {
    ofWorld();
    strategies();
    double[] contrasts = new double[3];
    double mean = 0;
    for (int s = 0; s < 3; s++) {
      contrasts[s] = Math.log((2.0 + SEED_NOISE[(s + 4) % 3]) / (1.2 + SEED_NOISE[(s + 5) % 3]));
      mean += contrasts[s] / 3;
    }
    double squares = 0;
    for (double contrast : contrasts) {
      squares += (contrast - mean) * (contrast - mean);
    }
    double half = 4.302653 * Math.sqrt(squares / 2 / 3);
    var interval = claim("4d").primary().orElseThrow().effect().interval().orElseThrow();
    assertEquals(mean - half, interval.low(), 1e-6);
    assertEquals(mean + half, interval.high(), 1e-6);
  }

  @Test
  void twoSeedsGiveAnEstimateAndNoVerdict() {
    results.putArray("seeds").add(1).add(2);
    ofWorld();
    strategies();
    assertEquals(Claim.Verdict.ESTIMATE, claim("4d").verdict());
    assertTrue(Double.isNaN(claim("4d").adjusted()));
  }

  @Test
  void scoresAtTheEndOfTheirMeasureProveNoEquality() {
    strategies();
    group(StudyQuestion.RATIO, "ratio b k=1", 1.0, 1.0, 0.0);
    group(StudyQuestion.RATIO, "ratio b k=1/4", 1.0, 1.0, 0.0);
    Claim.Tested same = claim("3b").primary().orElseThrow();
    assertTrue(same.isBlind());
    assertEquals(1, same.supported());
    assertEquals(Claim.Verdict.INCONCLUSIVE, claim("3b").verdict());
  }

  @Test
  void holmCorrectsTheFamilyOfPrimaryTests() {
    ofWorld();
    strategies();
    List<Claim> tested =
        Claims.of(new ResultView(results), Registration.packaged()).stream()
            .filter(each -> each.primary().isPresent())
            .toList();
    double[] alone = tested.stream().mapToDouble(each -> each.primary().get().pValue()).toArray();
    double[] adjusted = ai.dmt.evaluators.statistics.Holm.adjust(alone);
    for (int c = 0; c < tested.size(); c++) {
      assertEquals(adjusted[c], tested.get(c).adjusted(), 1e-12, tested.get(c).id());
    }
    assertEquals(6, tested.size(), "claims 4a to 4f");
  }

  @Test
  void tablesShowMeansBesideThePaper() {
    strategies();
    ResultTables tables = new ResultTables(new ResultView(results), PaperResults.read());
    Table table = tables.groups(StudyQuestion.STRATEGIES);
    assertEquals(
        List.of(
            "run",
            "seeds",
            "math: gsm8k accuracy, strict (%)",
            "math: held-out loss (nats)",
            "general: held-out loss (nats)"),
        table.header());
    List<String> multiTask = table.rows().get(3);
    assertEquals("multi-task", multiTask.get(0));
    assertEquals("3", multiTask.get(1));
    assertEquals("88.0 ± 0.0", multiTask.get(2));
    assertEquals("1.102 ± 0.010", multiTask.get(3));
    Table paper = tables.paper(StudyQuestion.STRATEGIES);
    assertEquals(
        List.of("run", "7B GSM8K %", "7B HumanEval %", "7B MT-Bench"),
        paper.header().subList(0, 4));
    assertEquals(
        List.of("multi-task", "47.53", "14.63", "5.76"), paper.rows().get(2).subList(0, 4));
    assertEquals(
        List.of("DMT k=1/4", "48.37", "13.41", "5.69"),
        paper.rows().get(5).subList(0, 4),
        "the paper's run of the same k, not the one that it chose");
    assertEquals(
        List.of("DMT k=1/256", "41.92", "17.68", "6.08"), paper.rows().get(6).subList(0, 4));
  }

  @Test
  void theMainTableHasTheOwnSourceAloneTheStrategiesAndTheSweep() {
    strategies();
    group(StudyQuestion.DMT_K, "k sweep k=0", 2.0, 1.0, 0.4);
    group(StudyQuestion.DMT_K, "k sweep k=1/4", 1.2, 1.01, 0.8);
    group(StudyQuestion.DMT_K, "k sweep k=1", 1.1, 1.01, 0.85);
    Table table = new ResultTables(new ResultView(results), PaperResults.read()).main();
    assertEquals(List.of("trained by", "seeds", "math (%)"), table.header());
    assertEquals(
        List.of(
            List.of("base model", "0", "-"),
            List.of("own source alone", "3", "90.0"),
            List.of("multi-task", "3", "88.0"),
            List.of("sequential", "3", "40.0"),
            List.of("mixed-sequential", "3", "40.0"),
            List.of("DMT k=1/4", "3", "80.0"),
            List.of("DMT k=1", "3", "85.0")),
        table.rows());
  }

  @Test
  void aMissingScoreIsNoZero() {
    strategies();
    for (JsonNode cell : cells) {
      ((ObjectNode) cell).putObject("scores").putObject("gsm8k").put("missing", "no python3");
    }
    ResultTables tables = new ResultTables(new ResultView(results), PaperResults.read());
    assertEquals("-", tables.groups(StudyQuestion.STRATEGIES).rows().get(3).get(2));
    assertEquals(Map.of("gsm8k", "no python3"), tables.missing());
    assertTrue(claim("4d").secondary().stream().allMatch(test -> test.metric().isLoss()));
  }

  /** A report asks for the same problems again and again. */
  @Test
  void linkingRatingsLeavesTheProblemsAsTheyAre() {
    Metric rating = new Metric("general", "mtbench", "average", "", false);
    PooledMean problems = new PooledMean(new double[] {10, 11}, new double[] {1, 2});
    assertEquals(7.0, problems.value(), 1e-12);
    assertEquals(6.0 / 9, rating.linked(problems).value(), 1e-12);
    assertEquals(6.0 / 9, rating.linked(problems).value(), 1e-12);
    assertEquals(7.0, problems.value(), 1e-12);
  }
}
