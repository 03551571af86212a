package ai.dmt.evaluators.humaneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class HumanEvalEvaluatorTest {
  @TempDir private Path folder;
  private Path problems;

  @BeforeEach
  void writeProblems() throws IOException {
    String problem =
        """
        {"task_id": "t/%d", "prompt": "\\n\\ndef one():\\n    \\"\\"\\"1\\"\\"\\"\\n", \
        "entry_point": "one", "test": "def check(f):\\n    assert f() == 1\\n"}
        """;
    problems = folder.resolve("p.jsonl");
    Files.writeString(problems, problem.formatted(0) + problem.formatted(1));
  }

  private Benchmark open(BenchmarkOptions options) {
    return Evaluators.byName("humaneval").open(problems, options);
  }

  private static BenchmarkOptions allowed(String value) {
    return BenchmarkOptions.defaults().with("allow-code-execution", value);
  }

  @Test
  void chatPromptsCarryTheInstruction() {
    List<Prompt> prompts = open(allowed("false")).prompts();
    assertEquals(2, prompts.size());
    assertEquals("t/0", prompts.get(0).id());
    assertEquals(
        """
        Please provide a self-contained Python script that solves the following problem in a \
        markdown code block:
        ```
        def one():
            \"""1\"""
        ```
        """,
        prompts.get(0).conversation().turns().get(0).text());
    assertEquals(List.of(), prompts.get(0).generation().stops());
  }

  @Test
  void stubPromptsAreTheProblemsPromptAndNothingElse() {
    Prompt prompt = open(allowed("false").with("prompt", "stub")).prompts().get(0);
    assertEquals(
        "\n\ndef one():\n    \"\"\"1\"\"\"\n", prompt.conversation().turns().get(0).text());
  }

  @Test
  void samplesAreWrittenAsHumanEvalReadsThem() throws IOException {
    Benchmark benchmark = open(allowed("false"));
    List<CompletionRecord> completions =
        List.of(
            new CompletionRecord(Origin.UNKNOWN, "t/0", "a\n"),
            new CompletionRecord(Origin.UNKNOWN, "t/1", "b"));
    benchmark.export("model", completions, folder);
    assertEquals(
        """
        {"task_id":"t/0","completion":"a\\n"}
        {"task_id":"t/1","completion":"b"}
        """,
        Files.readString(folder.resolve("samples.jsonl")));
    assertEquals(2, CompletionFile.read(folder.resolve("samples.jsonl")).size());
  }

  @Test
  void oneSolutionThatBreaksTheParserDoesNotBreakThoseBesideIt() {
    Benchmark benchmark = open(allowed("true"));
    String deep = "def one():\n    return " + "-".repeat(200_000) + "1";
    List<CompletionRecord> completions =
        List.of(
            new CompletionRecord(Origin.UNKNOWN, "t/0", deep),
            new CompletionRecord(
                Origin.UNKNOWN, "t/1", "Here:\n```\ndef one():\n    return 1\n```"));
    ScoreReport report = benchmark.score(completions);
    assertEquals("passed", report.items().get(1).verdict());
    assertTrue(report.items().get(0).verdict().startsWith("failed"), report::toString);
  }

  @Test
  void rawPromptsAreInTheModesForm() {
    BenchmarkOptions raw = allowed("false").with("prompt", "raw");
    Prompt humanEval = open(raw).prompts().get(0);
    assertEquals("\n\ndef one():\n    \"\"\"1\"\"\"\n", humanEval.text());
    assertNull(humanEval.conversation());
    Prompt bigcode = open(raw.with("mode", "bigcode")).prompts().get(0);
    assertEquals("def one():\n    \"\"\"1\"\"\"", bigcode.text());
    assertTrue(bigcode.generation().stops().contains("\n@"));
  }

  @Test
  void completionsRunAndCount() {
    Benchmark benchmark = open(allowed("true").withLimit(1));
    assertEquals(1, benchmark.prompts().size());
    String reply = "```python\ndef one():\n    return 1\n```";
    Score score =
        benchmark
            .score(List.of(new CompletionRecord(Origin.UNKNOWN, "t/0", reply)))
            .scores()
            .get(0);
    assertEquals("pass@1", score.name());
    assertEquals("evalplus-base", score.mode());
    assertEquals(1, score.correct());
  }

  @Test
  void nothingRunsWithoutLeave() {
    assertThrows(ConfigException.class, () -> open(BenchmarkOptions.defaults()));
    assertThrows(ConfigException.class, () -> open(allowed("yes")));
    assertThrows(ConfigException.class, () -> open(allowed("false").with("prompt", "x")));
    assertThrows(ConfigException.class, () -> open(allowed("false").with("modes", "x")));
    assertTrue(open(allowed("true")).unscorable().isEmpty());
    Benchmark benchmark = open(allowed("false"));
    assertTrue(benchmark.unscorable().orElseThrow().contains("not allowed"));
    List<CompletionRecord> completions =
        List.of(
            new CompletionRecord(Origin.UNKNOWN, "t/0", "x"),
            new CompletionRecord(Origin.UNKNOWN, "t/1", "x"));
    ConfigException e = assertThrows(ConfigException.class, () -> benchmark.score(completions));
    assertTrue(e.getMessage().contains("allow-code-execution=false"), e::getMessage);
  }
}
