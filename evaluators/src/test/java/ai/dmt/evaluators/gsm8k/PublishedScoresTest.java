package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Marks that the publishers of stored outputs gave, beside ours. */
class PublishedScoresTest {
  private static ScoreReport score(List<String> texts) {
    List<Gsm8kProblem> problems = StoredOutputs.problems();
    return new Gsm8kScorer(Gsm8kMode.parse("all"), Set.of())
        .score(problems, problems, StoredOutputs.completions(texts), Missing.REFUSED);
  }

  private static Map<String, Long> correct(ScoreReport report) {
    return report.scores().stream().collect(Collectors.toMap(Score::mode, Score::correct));
  }

  /** Marks in the file of openai/grade-school-math, of answers after "A:". */
  @ParameterizedTest
  @CsvSource({
    "6b_finetuning, 286",
    "6b_verification, 515",
    "175b_finetuning, 458",
    "175b_verification, 742"
  })
  void openAisMarksAreOurs(String model, long published) {
    assertEquals(published, correct(score(StoredOutputs.openAiMarked(model))).get("openai"));
    assertEquals(published, correct(score(StoredOutputs.openAi(model))).get("last-number"));
  }

  /** Abel's 876 are equal texts; as numbers, row 880, "#### 10.", is right too. */
  @Test
  void abelsMarksAreThoseOfEqualTexts() {
    ScoreReport report = score(StoredOutputs.abel());
    assertEquals(876L, correct(report).get("openai"));
    assertEquals(877L, correct(report).get("screl"));
    List<ItemVerdict> row =
        report.items().stream().filter(item -> item.id().equals("880")).limit(2).toList();
    assertEquals(List.of("wrong", "correct"), row.stream().map(ItemVerdict::verdict).toList());
  }
}
