package ai.dmt.evaluators.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ScoreComparison.Paired;
import ai.dmt.evaluators.comparison.ScoreComparison.PairedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class ComparisonTest {
  private static final ComparisonOptions COMMON =
      new ComparisonOptions(Set.of(), Set.of(), Set.of(), true);

  @TempDir private Path folder;

  private static ScoredModel model(String name, ScoreReport... reports) {
    return new ScoredModel(name, List.of(reports));
  }

  private static Comparison compare(ScoreReport first, ScoreReport second) {
    return Comparison.of(List.of(model("a", first), model("b", second)), ComparisonOptions.all());
  }

  private static String refusal(ScoreReport first, ScoreReport second, ComparisonOptions options) {
    List<ScoredModel> models = List.of(model("a", first), model("b", second));
    return assertThrows(ConfigException.class, () -> Comparison.of(models, options)).getMessage();
  }

  @Test
  void verdictsGiveFlipsAndAreWrittenAsDocumented() throws IOException {
    Comparison comparison =
        compare(
            Reports.verdicts("gsm8k", "openai", "1100110000"),
            Reports.verdicts("gsm8k", "openai", "0111111100"));
    Path file = folder.resolve("c.json");
    comparison.write(file);
    assertEquals(
        """
        {"tests":1,"resamples":10000,"seed":1,"comparisons":[{"benchmark":"gsm8k",\
        "score":"accuracy","mode":"openai","unit":"share",\
        "baseline":{"model":"a","score":0.4,"interval":[0.1681803,0.6873262]},\
        "other":{"model":"b","score":0.7,"interval":[0.3967781,0.8922087]},\
        "difference":0.3,"test":"exact McNemar","interval":[-0.1583258,0.6583258],\
        "p":0.375,"p_holm":0.375,"problems":10,\
        "higher":["2","3","6","7"],"lower":["0"]}],"notes":[]}
        """,
        Files.readString(file).replaceAll("(\\.[0-9]{7})[0-9]+", "$1"));
    assertTrue(comparison.flips().contains("higher (4): 2, 3, 6, 7\n  lower (1): 0\n"));
    assertTrue(comparison.text().startsWith("baseline: a\n"), comparison.text());
  }

  /** Problem by problem: 1 of 2 and 2 of 2, 0 and 1 of 2, 2 of 2 and 0, equal. */
  @Test
  void severalSamplesArePairedOnTheProblem() {
    ScoreReport first = Reports.samples(1, "10", "00", "11", "01");
    ScoreReport second = Reports.samples(1, "11", "10", "00", "10");
    ScoreComparison found = compare(first, second).comparisons().get(0);
    assertEquals(PairedTest.BOOTSTRAP, found.paired().test());
    assertEquals(0, found.difference(), 1e-12);
    assertEquals(List.of("p0", "p1"), found.paired().higher());
    assertEquals(List.of("p2"), found.paired().lower());
    assertEquals("2 and 2 samples a problem: paired on each problem's share solved", found.note());

    ScoreReport greedy = Reports.samples(1, "1", "1", "0", "0");
    ScoreComparison mixed = compare(greedy, second).comparisons().get(0);
    assertEquals(PairedTest.BOOTSTRAP, mixed.paired().test());
    assertTrue(mixed.note().startsWith("1 and 2 samples a problem"), mixed.note());

    ScoreComparison passAtTwo =
        compare(Reports.samples(2, "1000", "0000"), Reports.samples(2, "1100", "0000"))
            .comparisons()
            .get(0);
    assertEquals((5 / 6.0 - 3 / 6.0) / 2, passAtTwo.difference(), 1e-12);
    assertTrue(passAtTwo.note().endsWith("paired on each problem's pass@2"), passAtTwo.note());
  }

  @Test
  void lossesAreWeighedByTheirTokens() {
    ScoreReport first = Reports.losses("math", 2.0, 10, 1.0, 30, 3.0, 5);
    ScoreReport second = Reports.losses("math", 1.0, 10, 1.5, 30, 2.0, 5);
    ScoreComparison found = compare(first, second).comparisons().get(0);
    assertEquals((-10 + 15 - 5) / 45.0, found.difference(), 1e-12);
    assertEquals(List.of("math:1"), found.paired().higher());
    String said =
        refusal(first, Reports.losses("math", 1.0, 10, 1.5, 31, 2.0, 5), ComparisonOptions.all());
    assertEquals(
        "held-out loss math: math:1 has weight 30.0 in a and 31.0 in b; losses per token of"
            + " different tokenizers, templates or lengths cannot be compared",
        said);
  }

  @Test
  void holmIsOverAllModelsAndScores() {
    ScoredModel baseline = model("a", Reports.verdicts("gsm8k", "openai", "0".repeat(10)));
    ScoredModel better = model("b", Reports.verdicts("gsm8k", "openai", "1".repeat(10)));
    ScoredModel alike = model("c", Reports.verdicts("gsm8k", "openai", "1" + "0".repeat(9)));
    Comparison both = Comparison.of(List.of(baseline, better, alike), ComparisonOptions.all());
    assertEquals(2, both.tests());
    Paired first = both.comparisons().get(0).paired();
    assertEquals(2 / 1024.0, first.pValue(), 1e-12);
    assertEquals(2 * first.pValue(), first.adjusted(), 1e-12);
    assertEquals(1, both.comparisons().get(1).paired().adjusted());
  }

  @Test
  void aScoreThatProblemsDoNotGiveIsShownWithoutATest() {
    ScoreReport first = Reports.samples(1, "10", "00", "11");
    List<Score> scores = new ArrayList<>(first.scores());
    scores.add(new Score("maj@2", null, 1L, 3L, 1 / 3.0, new Interval(0, 1)));
    scores.add(new Score("spread", null, null, 3L, 0.2, null));
    scores.add(new Score("corpus", null, null, null, 0.7, new Interval(0.5, 0.9)));
    ScoreReport more = first.withScores(scores);
    Comparison comparison = compare(more, more);
    assertEquals(4, comparison.comparisons().size());
    assertEquals(1, comparison.tests());
    for (ScoreComparison each : comparison.comparisons().subList(1, 4)) {
      assertNull(each.paired());
      assertTrue(each.note().startsWith("no test: "), each.note());
    }
    assertTrue(comparison.text().contains("humaneval maj@2, b: no test: "), comparison.text());
  }

  @Test
  void differentProblemsAreRefusedUnlessTheCommonOnesAreAskedFor() {
    ScoreReport ten = Reports.verdicts("gsm8k", "openai", "1100110000");
    ScoreReport four = Reports.verdicts("gsm8k", "openai", "0111");
    assertEquals(
        "gsm8k: a and b were scored on different problems (fingerprints f10 and f4); --common"
            + " compares the ids that both have, as the same problems",
        refusal(ten, four, ComparisonOptions.all()));
    assertEquals(
        "gsm8k accuracy, openai: a has 6 items (4, 5, 6, 7, 8, ...) that b has not, and lacks 0"
            + " items; --common compares the 4 that both have",
        refusal(ten.withProblems(null), four, ComparisonOptions.all()));
    Comparison common = Comparison.of(List.of(model("a", ten), model("b", four)), COMMON);
    ScoreComparison found = common.comparisons().get(0);
    assertEquals(0.5, found.baseline().score(), "over the first four");
    assertEquals(0.25, found.difference());
    assertEquals(4, found.paired().problems());
    assertEquals("over the 4 items that both have, of 10 and 4", found.note());
    assertTrue(common.notes().get(0).endsWith("equal ids are taken for equal problems"));
    ScoreReport others = Reports.losses("math", 1, 1);
    assertTrue(
        refusal(others, Reports.losses("math:0", 1, 1), COMMON).contains("no score in common"));
  }

  @Test
  void whatCannotBeComparedIsSaid() {
    ScoreReport gsm8k = Reports.verdicts("gsm8k", "openai", "10");
    ScoreReport later =
        new ScoreReport("gsm8k", "2", gsm8k.problems(), gsm8k.scores(), gsm8k.items());
    assertEquals(
        "gsm8k: a was scored by version 1 of the rules and b by version 2; score both again",
        refusal(gsm8k, later, ComparisonOptions.all()));
    ScoreReport humaneval = Reports.samples(1, "1", "0");
    assertEquals(
        "a and b have no score in common: the first has gsm8k accuracy, openai; the second has"
            + " humaneval pass@1",
        refusal(gsm8k, humaneval, ComparisonOptions.all()));
    ComparisonOptions strict =
        new ComparisonOptions(Set.of("gsm8k"), Set.of(), Set.of("screl"), false);
    assertTrue(refusal(gsm8k, gsm8k, strict).contains("no score in common that was asked for"));
    List<ScoredModel> one = List.of(model("a", gsm8k));
    assertThrows(ConfigException.class, () -> Comparison.of(one, ComparisonOptions.all()));
    assertTrue(
        assertThrows(ConfigException.class, () -> model("a", gsm8k, gsm8k))
            .getMessage()
            .contains("several reports of gsm8k"));

    Comparison part =
        Comparison.of(
            List.of(
                model("a", gsm8k, humaneval),
                model("b", Reports.verdicts("gsm8k", "openai", "11")),
                model("c", humaneval)),
            ComparisonOptions.all());
    assertEquals(
        List.of("not compared: b has no humaneval", "not compared: c has no gsm8k"), part.notes());
  }
}
