package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Gsm8kScorerTest {
  private static final List<Gsm8kProblem> PROBLEMS = problems(12);

  private static List<Gsm8kProblem> problems(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Gsm8kProblem("" + i, Origin.UNKNOWN, "q" + i, "#### " + i))
        .toList();
  }

  /** Completions in a file of their own, one a line. @param words "id:number", "id:" for none */
  private static List<CompletionRecord> completions(String... words) {
    List<CompletionRecord> completions = new ArrayList<>();
    for (String word : words) {
      String[] sides = word.split(":", -1);
      completions.add(
          new CompletionRecord(
              new Origin("c.jsonl", completions.size() + 1),
              sides[0],
              sides[1].isEmpty() ? "no idea" : "#### " + sides[1]));
    }
    return completions;
  }

  private static ScoreReport score(int wanted, Missing missing, String... words) {
    return new Gsm8kScorer(List.of(Gsm8kMode.SCREL), Set.of())
        .score(PROBLEMS, PROBLEMS.subList(0, wanted), completions(words), missing);
  }

  private static String refused(int wanted, String... words) {
    return assertThrows(DataException.class, () -> score(wanted, Missing.REFUSED, words))
        .getMessage();
  }

  @Test
  void accuracyCountsWhatIsRight() {
    ScoreReport report = score(4, Missing.REFUSED, "3:3", "0:0.0", "1:2", "2:", "11:11");
    Score score = report.scores().get(0);
    assertEquals("accuracy", score.name());
    assertEquals(0.5, score.score());
    assertEquals(List.of(2L, 4L), List.of(score.correct(), score.total()));
    assertEquals(
        List.of("correct", "wrong", "invalid", "correct"),
        report.items().stream().map(ItemVerdict::verdict).toList());
  }

  @Test
  void problemsWithoutCompletionsAreNamed() {
    String said = refused(12, "0:0", "5:5");
    assertTrue(
        said.startsWith(
            "c.jsonl: 10 of 12 problems have no completion: 1, 2, 3, 4, 6, 7, 8, 9, 10, 11;"),
        said);
    assertTrue(refused(12, "5:5").contains("11 of 12 "), () -> refused(12, "5:5"));
    assertTrue(refused(12, "5:5").contains(": 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, ... 11;"));
    assertEquals(2L, score(12, Missing.LEFT_OUT, "0:0", "5:5").scores().get(0).total());
    assertThrows(DataException.class, () -> score(2, Missing.LEFT_OUT, "5:5"));
  }

  @Test
  void unknownIdsAndOddLinesAreToldWithTheirLine() {
    assertTrue(refused(1, "0:0", "12:1").startsWith("c.jsonl:2: no problem has the id \"12\""));
    assertTrue(refused(1, "0:0", "00:1").startsWith("c.jsonl:2: no problem has the id \"00\""));
    String said = refused(2, "0:0", "1:1", "1:1");
    assertTrue(said.startsWith("c.jsonl:3: problem 1 has 2 completions, problem 0 has 1"), said);
  }

  @Test
  void severalCompletionsVoteAndAreCounted() {
    // Problem 0: 7 and 0 twice each, 7 came first. Problem 1: one answer, the others do not vote.
    ScoreReport report =
        score(2, Missing.REFUSED, "0:7", "0:0", "0:0", "0:7", "1:", "1:", "1:1", "1:");
    assertEquals(
        List.of("pass@1", "pass@4", "maj@4"), report.scores().stream().map(Score::name).toList());
    assertEquals((0.5 + 0.25) / 2, report.scores().get(0).score(), 1e-12);
    assertEquals(1.0, report.scores().get(1).score(), 1e-12);
    assertEquals(0.5, report.scores().get(2).score(), 1e-12);
    assertEquals(8, report.items().size());
    assertEquals(3, report.items().get(3).sample());
  }

  @Test
  void majorityIsOfTheFirstK() {
    Gsm8kScorer scorer = new Gsm8kScorer(List.of(Gsm8kMode.OPENAI), Set.of(2, 3));
    List<Gsm8kProblem> one = PROBLEMS.subList(0, 1);
    List<Score> scores =
        scorer.score(one, one, completions("0:0", "0:7", "0:7"), Missing.REFUSED).scores();
    assertEquals(
        List.of("pass@2", "pass@3", "maj@2", "maj@3"), scores.stream().map(Score::name).toList());
    assertEquals(List.of(1.0, 0.0), List.of(scores.get(2).score(), scores.get(3).score()));
    assertThrows(
        ConfigException.class,
        () -> scorer.score(one, one, completions("0:0", "0:7"), Missing.REFUSED));
  }

  @Test
  void votesAreTextsAndNotNumbers() {
    ScoreReport report = score(1, Missing.REFUSED, "0:0.0", "0:5", "0:0", "0:5");
    assertEquals(0.0, report.scores().get(2).score());
  }

  @Test
  void fingerprintTellsProblemsApart() {
    String both = score(2, Missing.REFUSED, "0:0", "1:1").problems();
    assertEquals(both, score(2, Missing.REFUSED, "1:7", "0:3").problems());
    assertEquals(both, score(12, Missing.LEFT_OUT, "1:7", "0:3").problems());
    assertNotEquals(both, score(1, Missing.REFUSED, "0:0").problems());
  }

  @Test
  void notesCountWhatHasNoAnswerAndWhereModesDiffer() {
    Gsm8kScorer scorer = new Gsm8kScorer(Gsm8kMode.parse("openai,screl,last-number"), Set.of());
    ScoreReport report =
        scorer.score(
            PROBLEMS, PROBLEMS.subList(0, 3), completions("0:0.0", "1:1", "2:"), Missing.REFUSED);
    assertEquals(
        """
        completions  without answer  not as openai  not as screl  not as last-number
        openai                    1              0             1                   1
        screl                     1              1             0                   0
        last-number               1              1             0                   0
        """,
        Gsm8kNotes.text(report));
  }
}
