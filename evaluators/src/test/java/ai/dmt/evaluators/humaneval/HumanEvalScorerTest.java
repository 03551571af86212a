package ai.dmt.evaluators.humaneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.sandbox.SandboxLimits;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class HumanEvalScorerTest {
  /** No endless loops are among these programs, so that a busy machine may take its time. */
  private static final SandboxSettings SETTINGS =
      SandboxSettings.defaults()
          .withLimits(SandboxLimits.defaults().withWallClock(Duration.ofSeconds(30)));

  @TempDir private Path folder;

  private static HumanEvalResult run(
      HumanEvalMode mode, List<HumanEvalProblem> problems, List<CompletionRecord> completions)
      throws InterruptedException {
    HumanEvalSamples samples = HumanEvalSamples.of(problems, completions, problems.size());
    return new HumanEvalScorer(mode, SETTINGS).run(samples, done -> {});
  }

  private static List<String> failures(HumanEvalResult result) {
    return IntStream.range(0, result.outcomes().size())
        .filter(i -> !result.outcomes().get(i).passed())
        .mapToObj(i -> result.samples().completions().get(i).id() + result.outcomes().get(i).text())
        .toList();
  }

  @Test
  void canonicalSolutionsPass() throws InterruptedException {
    List<HumanEvalProblem> problems = HumanEvalFiles.problems();
    List<CompletionRecord> canonical = HumanEvalFiles.canonical(problems, "");
    HumanEvalResult result = run(HumanEvalMode.HUMAN_EVAL, problems, canonical);
    assertEquals(List.of(), failures(result));
    Score score = result.report(List.of(1, 10)).scores().get(0);
    assertEquals(164L, score.correct());
    assertEquals(1, score.score());
    assertEquals(1, result.report(List.of(1, 10)).scores().size(), "one sample has no pass@10");
  }

  @Test
  void canonicalSolutionsPassInTheFormsOfOtherHarnesses() throws InterruptedException {
    List<HumanEvalProblem> all = HumanEvalFiles.problems();
    // 32, 38 and 50 are tested with helpers that stand in the prompt.
    List<HumanEvalProblem> problems = IntStream.range(28, 52).mapToObj(all::get).toList();
    List<CompletionRecord> afterStripped = HumanEvalFiles.canonical(problems, "\n");
    assertEquals(List.of(), failures(run(HumanEvalMode.BIGCODE, problems, afterStripped)));
    List<CompletionRecord> chat =
        problems.stream()
            .map(
                p ->
                    new CompletionRecord(
                        Origin.UNKNOWN,
                        p.taskId(),
                        "Here:\n```python\n%s%s\nprint(%s)\n```\nDone."
                            .formatted(p.prompt(), p.canonicalSolution(), p.entryPoint())))
            .toList();
    assertEquals(List.of(), failures(run(HumanEvalMode.EVALPLUS_BASE, problems, chat)));
  }

  @Test
  void storedSamplesReachTheirPublishedScores() throws Exception {
    List<HumanEvalProblem> problems = HumanEvalFiles.problems();
    List<CompletionRecord> wizardCoder = HumanEvalFiles.wizardCoder(folder);
    HumanEvalResult result = run(HumanEvalMode.HUMAN_EVAL, problems, wizardCoder);
    assertEquals(98L, result.report(List.of(1)).scores().get(0).correct(), "59.8 %");
    List<CompletionRecord> evol = HumanEvalFiles.evolReplit();
    result = run(HumanEvalMode.HUMAN_EVAL, problems, evol);
    assertEquals(51L, result.report(List.of(1)).scores().get(0).correct(), "31.1 %");
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private List<HumanEvalProblem> twoProblems() throws IOException {
    String problem =
        """
        {"task_id": "t/%d", "prompt": "def one():\\n", "entry_point": "one", \
        "test": "def check(f):\\n    assert f() == 1\\n"}""";
    return HumanEvalProblem.read(write("p.jsonl", problem.formatted(0), problem.formatted(1)));
  }

  private static CompletionRecord completion(String id, String text) {
    return new CompletionRecord(new Origin("c.jsonl", 7), id, text);
  }

  @Test
  void severalSamplesGiveUnbiasedPassAtK() throws Exception {
    List<CompletionRecord> completions = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      completions.add(completion("t/0", i < 2 ? "    return 1" : "    return 2"));
      completions.add(completion("t/1", "    return 0"));
    }
    ScoreReport report =
        run(HumanEvalMode.HUMAN_EVAL, twoProblems(), completions).report(List.of(1, 2, 5, 10));
    assertEquals(
        List.of("pass@1", "pass@2", "pass@5"), report.scores().stream().map(Score::name).toList());
    assertEquals(0.2, report.scores().get(0).score(), 1e-12);
    assertEquals((1 - 3.0 / 10) / 2, report.scores().get(1).score(), 1e-12);
    assertEquals(0.5, report.scores().get(2).score(), 1e-12);
    assertEquals(10, report.items().size());
    assertEquals("t/0", report.items().get(4).id());
    assertEquals(4, report.items().get(4).sample());
    assertEquals("failed: AssertionError", report.items().get(4).verdict());
  }

  @Test
  void resultsAreWrittenAsHumanEvalDoes() throws Exception {
    List<CompletionRecord> completions =
        List.of(completion("t/1", "    return '\ud800'"), completion("t/0", "    return 1"));
    HumanEvalResult result = run(HumanEvalMode.HUMAN_EVAL, twoProblems(), completions);
    Path file = folder.resolve("results.jsonl");
    result.writeResults(file);
    List<String> lines = Files.readAllLines(file);
    assertTrue(
        lines
            .get(0)
            .startsWith(
                "{\"task_id\":\"t/1\",\"completion\":\"    return '\\uD800'\","
                    + "\"result\":\"failed: UnicodeEncodeError"),
        lines::toString);
    assertEquals(
        "{\"task_id\":\"t/0\",\"completion\":\"    return 1\",\"result\":\"passed\",\"passed\":true}",
        lines.get(1));
    assertEquals(2, CompletionFile.read(file).size(), "it is a file of completions again");
  }

  @Test
  void missingAndUnknownProblemsAreNamed() throws Exception {
    List<HumanEvalProblem> problems = twoProblems();
    List<CompletionRecord> first = List.of(completion("t/0", "x"));
    ConfigException missing =
        assertThrows(ConfigException.class, () -> HumanEvalSamples.of(problems, first, 9));
    assertTrue(
        missing.getMessage().startsWith("1 of 2 problems have no completion: t/1;"),
        missing::getMessage);
    List<CompletionRecord> both = List.of(completion("t/1", "y"), completion("t/0", "x"));
    assertEquals(first, HumanEvalSamples.of(problems, first, 1).completions());
    assertEquals(first, HumanEvalSamples.of(problems, both, 1).completions());
    List<CompletionRecord> unknown = List.of(completion("t/2", "x"));
    DataException e =
        assertThrows(DataException.class, () -> HumanEvalSamples.of(problems, unknown, 9));
    assertEquals("c.jsonl:7: the problems have no task_id \"t/2\"", e.getMessage());
  }

  @Test
  void malformedProblemsAreNamed() throws Exception {
    String good = "{\"task_id\": \"a\", \"prompt\": \"\", \"entry_point\": \"\", \"test\": \"\"}";
    assertFault("p.jsonl:2: the task_id \"a\" occurs twice", good, good);
    assertFault("p.jsonl:2: \"test\" must be", good, good.replace("\"test\"", "\"tests\""));
    assertFault("p.jsonl:1: \"prompt\" must be", good.replace("t\": \"\", \"e", "t\": 1, \"e"));
    assertFault("p.jsonl:1: ", "{\"task_id\"");
  }

  private void assertFault(String message, String... lines) throws IOException {
    Path file = write("p.jsonl", lines);
    DataException e = assertThrows(DataException.class, () -> HumanEvalProblem.read(file));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }
}
