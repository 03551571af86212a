package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoredModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models of one file of judgements, compared. */
class MtBenchComparisonTest {
  private static Judgment judgment(String model, int question, int turn, long score) {
    return new Judgment(
        "" + question, model, "gpt-4", "single-v1", "", "", new Rating(score), turn, 0);
  }

  private static ScoreComparison find(Comparison comparison, String score) {
    return comparison.comparisons().stream()
        .filter(each -> each.score().equals(score))
        .findFirst()
        .orElseThrow();
  }

  /** Every score of the stored file is computed from its items again, or there were no test. */
  @Test
  void storedModelsDifferAsTheirScoresDo() {
    List<Question> questions = Question.read(SharedFiles.require("data/mtbench/question.jsonl"));
    List<Judgment> judgments =
        Judgment.read(
            SharedFiles.require("data/mtbench/model_judgment/gpt-4_single_medusa_vicuna7b.jsonl"));
    ScoreReport report = new MtBenchScorer(judgments, questions).report();
    List<ScoredModel> models =
        ScoredModel.of("f", report).stream()
            .filter(each -> each.name().startsWith("f#vicuna-7b-v1.3"))
            .toList();
    assertEquals(2, models.size());
    Comparison comparison = Comparison.of(models, ComparisonOptions.all());
    assertEquals(11, comparison.comparisons().size());
    assertEquals(11, comparison.tests(), "turns, average and eight categories");
    assertEquals(80, find(comparison, "average").paired().problems());
    assertEquals(10, find(comparison, "math").paired().problems());
    for (ScoreComparison each : comparison.comparisons()) {
      assertEquals(each.other().score() - each.baseline().score(), each.difference(), 1e-9);
      assertTrue(each.paired().interval().low() <= each.difference());
      assertTrue(each.difference() <= each.paired().interval().high());
    }
  }

  @Test
  void questionsWithoutARatingOfOneModelAreLeftOutOfBoth() {
    List<Judgment> judgments = new ArrayList<>();
    for (int question = 1; question <= 4; question++) {
      for (int turn = 1; turn <= 2; turn++) {
        judgments.add(judgment("a", question, turn, 4 + question));
        judgments.add(judgment("b", question, turn, question == 4 && turn == 2 ? -1 : question));
      }
    }
    List<ScoredModel> models = ScoredModel.of("f", new MtBenchScorer(judgments, null).report());
    Comparison comparison = Comparison.of(models, ComparisonOptions.all());
    ScoreComparison second = find(comparison, "turn 2");
    assertEquals(3, second.paired().problems());
    assertEquals(-4, second.difference(), 1e-12);
    assertEquals(6, second.baseline().score(), 1e-12, "of questions 1 to 3");
    assertEquals("problems left out, as one of both has no points there: 1", second.note());
    ScoreComparison average = find(comparison, "average");
    assertEquals(4, average.paired().problems());
    assertEquals(16 / 7.0 - 6.5, average.difference(), 1e-12, "pooled as the averages are");
  }

  @Test
  void repeatsAreTestedAndTheirSpreadIsNot() {
    List<Judgment> judgments = new ArrayList<>();
    for (String model : List.of("a", "b")) {
      for (int i = 0; i < 12; i++) { // three questions, two turns, twice
        judgments.add(judgment(model, 1 + i % 3, 1 + i / 3 % 2, 1 + i % 5));
      }
    }
    List<ScoredModel> models = ScoredModel.of("f", new MtBenchScorer(judgments, null).report());
    Comparison comparison = Comparison.of(models, ComparisonOptions.all());
    assertEquals(1, find(comparison, "repeat 2").paired().pValue());
    assertEquals(null, find(comparison, "sd of repeats").paired());
    assertEquals(5, comparison.tests());
  }
}
