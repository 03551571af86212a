package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoreComparison.Paired;
import ai.dmt.evaluators.comparison.ScoredModel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Stored outputs compared: flips counted in the publishers' own marks, p-values of scipy 1.17.1.
 */
class StoredComparisonTest {
  private static ScoredModel model(String name) {
    List<Gsm8kProblem> problems = StoredOutputs.problems();
    Gsm8kScorer scorer = new Gsm8kScorer(List.of(Gsm8kMode.OPENAI), Set.of());
    return new ScoredModel(
        name,
        List.of(
            scorer.score(
                problems,
                problems,
                StoredOutputs.completions(StoredOutputs.openAiMarked(name)),
                Missing.REFUSED)));
  }

  private static void check(
      ScoreComparison found, int lower, int higher, double difference, double p, double holm) {
    Paired paired = found.paired();
    assertEquals(ScoreComparison.PairedTest.MCNEMAR, paired.test());
    assertEquals(1319, paired.problems());
    assertEquals(lower, paired.lower().size());
    assertEquals(higher, paired.higher().size());
    assertEquals(difference, found.difference(), 1e-12);
    assertEquals(p, paired.pValue(), 1e-9 * p);
    assertEquals(holm, paired.adjusted(), 1e-9 * holm);
  }

  @Test
  void flipsOfPublishedModelsAreThoseOfTheirMarks() {
    List<ScoreComparison> found =
        Comparison.of(
                List.of(model("6b_finetuning"), model("6b_verification"), model("175b_finetuning")),
                ComparisonOptions.all())
            .comparisons();
    check(found.get(0), 64, 293, 0.17361637604245642, 3.928874710490944e-36, 7.857749420981888e-36);
    check(found.get(1), 88, 260, 0.13040181956027294, 7.466006443046378e-21, 7.466006443046378e-21);
    List<ScoreComparison> near =
        Comparison.of(
                List.of(model("175b_finetuning"), model("6b_verification")),
                ComparisonOptions.all())
            .comparisons();
    check(near.get(0), 152, 209, 0.043214556482183475, 0.003150656880360618, 0.003150656880360618);
  }
}
