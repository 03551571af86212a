package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.SharedFiles;
import ai.dmt.data.DataException;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class MtBenchScorerTest {
  private static final String STORED =
      "data/mtbench/model_judgment/gpt-4_single_medusa_vicuna7b.jsonl";

  @TempDir private Path folder;

  private static Judgment judgment(String model, int question, int turn, Number score) {
    String text = score.doubleValue() == -1 ? Judgment.NO_REPLY : "[[" + score + "]]";
    return new Judgment(
        "" + question, model, "gpt-4", "single-v1", "", text, new Rating(score), turn, 0);
  }

  private static double score(ScoreReport report, String mode, String name) {
    return find(report, mode, name).score();
  }

  private static Score find(ScoreReport report, String mode, String name) {
    return report.scores().stream()
        .filter(s -> s.name().equals(name) && java.util.Objects.equals(mode, s.mode()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " of " + mode + " in " + report.scores()));
  }

  @Test
  void storedJudgmentsGiveTheKnownScores() {
    List<Question> questions = Question.read(SharedFiles.require("data/mtbench/question.jsonl"));
    MtBenchScorer scorer = new MtBenchScorer(Judgment.read(SharedFiles.require(STORED)), questions);
    ScoreReport report = scorer.report();
    assertEquals(6.73125, score(report, "vicuna-7b-v1.3", "turn 1"), 1e-12);
    assertEquals(5.475, score(report, "vicuna-7b-v1.3", "turn 2"), 1e-12);
    assertEquals(6.103125, score(report, "vicuna-7b-v1.3", "average"), 1e-12);
    assertEquals(6.51875, score(report, "vicuna-7b-v1.3-greedy", "turn 1"), 1e-12);
    assertEquals(5.2375, score(report, "vicuna-7b-v1.3-greedy", "turn 2"), 1e-12);
    assertEquals(5.878125, score(report, "vicuna-7b-v1.3-greedy", "average"), 1e-12);
    List<String> names =
        report.scores().stream()
            .filter(s -> s.mode().equals("vicuna-7b-v1.3"))
            .map(Score::name)
            .toList();
    assertEquals(
        List.of(
            "turn 1",
            "turn 2",
            "average",
            "writing",
            "roleplay",
            "reasoning",
            "math",
            "coding",
            "extraction",
            "stem",
            "humanities"),
        names);
    double ofCategories =
        names.subList(3, 11).stream()
            .mapToDouble(name -> score(report, "vicuna-7b-v1.3", name))
            .average()
            .orElseThrow();
    assertEquals(6.103125, ofCategories, 1e-12, "20 judgements in each");
    Score average = find(report, "vicuna-7b-v1.3", "average");
    assertEquals(160, average.total());
    assertNull(average.correct());
    assertTrue(average.interval().low() > 5.2 && average.interval().low() < 5.8, "" + average);
    assertTrue(average.interval().high() > 6.4 && average.interval().high() < 7, "" + average);
    assertEquals(List.of(), scorer.notes());
    assertEquals(640, report.items().size());
  }

  /** The second transcription of the rule is scripts/mtbench_scores.py. */
  @Test
  void pythonGivesTheSameScoresWithFailedRowsToo() throws Exception {
    List<Judgment> stored = Judgment.read(SharedFiles.require(STORED));
    Random random = new Random(5);
    List<Judgment> thinned =
        stored.stream()
            .map(
                j ->
                    random.nextInt(10) > 0
                        ? j
                        : judgment(j.model(), Integer.parseInt(j.questionId()), j.turn(), -1L))
            .toList();
    compareWithPython(stored);
    compareWithPython(thinned);
  }

  private void compareWithPython(List<Judgment> judgments) throws Exception {
    Path file = folder.resolve("judgments.jsonl");
    Files.writeString(
        file, judgments.stream().map(j -> j.json() + "\n").collect(Collectors.joining()));
    JsonNode expected = python(file);
    ScoreReport report = new MtBenchScorer(Judgment.read(file), null).report();
    for (String model : judgments.stream().map(Judgment::model).distinct().toList()) {
      List<String> names = List.of("turn 1", "turn 2", "average");
      for (int i = 0; i < 3; i++) {
        assertEquals(
            expected.get(model).get(i).doubleValue(),
            score(report, model, names.get(i)),
            1e-12,
            model + " " + names.get(i));
      }
    }
  }

  private static JsonNode python(Path file) throws Exception {
    Path script = Path.of("../scripts/mtbench_scores.py").toAbsolutePath().normalize();
    Process process;
    try {
      process = new ProcessBuilder("python3", script.toString(), file.toString()).start();
    } catch (IOException e) {
      System.err.println("skipped: no python3 to compare with");
      assumeTrue(false, "no python3 to compare with");
      throw e;
    }
    JsonNode result = new ObjectMapper().readTree(process.getInputStream());
    assertEquals(0, process.waitFor());
    return result;
  }

  @Test
  void averagePoolsWhatIsRatedOfBothTurns() {
    List<Judgment> judgments =
        List.of(
            judgment("m", 1, 1, 10L),
            judgment("m", 2, 1, 7L),
            judgment("m", 3, 1, 4L),
            judgment("m", 1, 2, 1L),
            judgment("m", 2, 2, -1L),
            judgment("m", 3, 2, -1L));
    MtBenchScorer scorer = new MtBenchScorer(judgments, null);
    ScoreReport report = scorer.report();
    assertEquals(7, score(report, null, "turn 1"));
    assertEquals(1, score(report, null, "turn 2"));
    assertEquals(5.5, score(report, null, "average"), "22 / 4, not (7 + 1) / 2");
    assertEquals(4, find(report, null, "average").total());
    assertEquals(
        List.of(
            "m: 2 of 6 judgements failed and are left out (2 without a reply, 0 without a rating):"
                + " question 2 turn 2, question 3 turn 2"),
        scorer.notes());
    assertEquals(
        List.of(
            new ItemVerdict("1", null, 0, "rated", 10.0),
            new ItemVerdict("1", null, 1, "rated", 1.0),
            new ItemVerdict("2", null, 0, "rated", 7.0),
            new ItemVerdict("2", null, 1, "failed", null)),
        report.items().subList(0, 4));
  }

  @Test
  void intervalIsOfQuestionsNotOfJudgments() {
    List<Judgment> judgments = new ArrayList<>();
    for (int question = 1; question <= 20; question++) {
      long score = question % 2 == 0 ? 9 : 3;
      judgments.add(judgment("m", question, 1, score));
      judgments.add(judgment("m", question, 2, score));
    }
    ScoreReport report = new MtBenchScorer(judgments, null).report();
    assertEquals(
        find(report, null, "turn 1").interval(),
        find(report, null, "average").interval(),
        "a second turn that always agrees tells nothing new");
  }

  @Test
  void repeatsArePooledAndShownWithTheirSpread() {
    List<Judgment> judgments = new ArrayList<>();
    for (long repeat = 0; repeat < 3; repeat++) {
      judgments.add(judgment("m", 1, 1, 4 + repeat));
      judgments.add(judgment("m", 1, 2, 4 + repeat));
    }
    ScoreReport report = new MtBenchScorer(judgments, null).report();
    assertEquals(5, score(report, null, "average"));
    assertEquals(4, score(report, null, "repeat 1"));
    assertEquals(6, score(report, null, "repeat 3"));
    assertEquals(1, score(report, null, "sd of repeats"));
    assertEquals(
        List.of(0, 1, 2, 3, 4, 5), report.items().stream().map(ItemVerdict::sample).toList());
  }

  @Test
  void modelsComeBestFirst() {
    ScoreReport report =
        new MtBenchScorer(
                List.of(
                    judgment("none", 1, 1, -1L),
                    judgment("low", 1, 1, 2L),
                    judgment("high", 1, 1, 9L)),
                null)
            .report();
    assertEquals(
        List.of("high", "low"), report.scores().stream().map(Score::mode).distinct().toList());
  }

  @Test
  void whatIsOddIsNoted() {
    MtBenchFiles files = new MtBenchFiles(folder, 2);
    List<Judgment> judgments = new ArrayList<>();
    judgments.add(judgment("m", 1, 1, 100L));
    judgments.add(new Judgment("2", "m", "other", "single-v1", "", "?", Rating.parse("?"), 1, 0));
    assertEquals(
        List.of(
            "m: 1 of 2 judgements failed and are left out (0 without a reply, 1 without a rating):"
                + " question 2 turn 1",
            "m: 1 ratings are outside 1 to 10 and count as they are, as in FastChat: question 1"
                + " turn 1",
            "m: 2 turns of the questions have no judgement: question 1 turn 2, question 2 turn 2",
            "judgements of several judges are pooled: gpt-4, other"),
        new MtBenchScorer(judgments, Question.read(files.questionFile())).notes());
    judgments.add(judgment("m", 3, 1, 5L));
    String message =
        assertThrows(
                DataException.class,
                () -> new MtBenchScorer(judgments, Question.read(files.questionFile())))
            .getMessage();
    assertEquals(files.questionFile() + ": has no question 3, which is judged", message);
  }

  @Test
  void reportIsTheSameWhateverTheOrderOfLines() {
    Path stored = SharedFiles.require(STORED);
    List<Judgment> judgments = new ArrayList<>(Judgment.read(stored));
    ScoreReport report = new MtBenchScorer(judgments, null).report();
    java.util.Collections.shuffle(judgments, new Random(1));
    ScoreReport shuffled = new MtBenchScorer(judgments, null).report();
    Map<String, Score> byName =
        shuffled.scores().stream().collect(Collectors.toMap(s -> s.mode() + s.name(), s -> s));
    for (Score score : report.scores()) {
      Score other = byName.get(score.mode() + score.name());
      assertEquals(score.score(), other.score(), 1e-12);
      assertEquals(score.interval().low(), other.interval().low(), 1e-12);
    }
    assertEquals(report.items(), shuffled.items());
  }
}
