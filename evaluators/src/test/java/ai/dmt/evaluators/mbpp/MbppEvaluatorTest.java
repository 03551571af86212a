package ai.dmt.evaluators.mbpp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.ScoreReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MbppEvaluatorTest {
  /** Made-up rows in the published fields, one of them of no test part. */
  private static final String PROBLEMS =
      """
      {"task_id": 3, "text": "Write a function to add one.", "code": "", "test_list": ["assert inc(1) == 2"]}
      {"task_id": 11, "text": "Write a function to double.", "code": "def d(x):\\r\\n  return 2*x", "test_list": ["assert d(1) == 2", "assert d(4) == 8", "assert d(0) == 0"], "test_setup_code": "", "challenge_test_list": []}
      {"task_id": 12, "prompt": "Write a function to negate.", "test_imports": [], "test_list": ["assert neg(1) == -1", "assert neg(-2) == 2"]}
      """;

  @TempDir private Path folder;

  private Benchmark open(String lines, BenchmarkOptions options) throws IOException {
    return Evaluators.byName("mbpp")
        .open(Files.writeString(folder.resolve("mbpp.jsonl"), lines), options);
  }

  private static BenchmarkOptions allowed() {
    return BenchmarkOptions.defaults().with(Evaluator.ALLOW_CODE_EXECUTION, "true");
  }

  private static CompletionRecord completion(int id, String text) {
    return new CompletionRecord(Origin.UNKNOWN, "" + id, text);
  }

  private List<String> verdicts(String mode, String eleven, String twelve) throws IOException {
    Benchmark benchmark = open(PROBLEMS, allowed().with("mode", mode));
    ScoreReport report = benchmark.score(List.of(completion(12, twelve), completion(11, eleven)));
    return report.items().stream().map(ItemVerdict::verdict).toList();
  }

  @Test
  void programsRunAgainstAllAssertionsOfTheTestPart() throws IOException {
    assertEquals(
        List.of("passed", "failed: AssertionError"),
        verdicts("lm-eval", "def d(x):\n  return 2 * x", "def neg(x):\n  return -1"));
    assertEquals(
        List.of("passed", "passed"),
        verdicts(
            "fence",
            "Sure:\n```python\ndef d(x):\n  return x + x\n```\nand\n```\nd(None)\n```",
            "```\ndef neg(x):\n  return -x"));
    List<String> malformed = verdicts("lm-eval", "", "def neg(x) return -x");
    assertTrue(malformed.get(0).startsWith("failed: "), malformed::toString);
    assertTrue(malformed.get(1).startsWith("failed: "), malformed::toString);
    assertEquals(
        "failed: ",
        verdicts("fence", "import os; os._exit(0)", "raise SystemExit(0)").get(0).substring(0, 8));
  }

  @Test
  void equalToEverythingIsForged() throws IOException {
    String forged =
        "class E:\n  def __eq__(self, o):\n    return True\ndef d(x):\n  return E()\nneg = d";
    assertTrue(verdicts("lm-eval", forged, forged).get(0).startsWith("forged: "));
  }

  @ParameterizedTest
  @CsvSource({
    "'\nx = 1\n```\nb', x = 1",
    "' a```b```', ' a'",
    "'def f(x):\n  return x\n```', ' f(x):\n  return x'", // the harness's code does the same
    "a, ''",
    "'', ''",
    "'```python\nx\n```', ''",
  })
  void instructTakesWhatStandsBeforeTheFenceAndAFirstWordForALanguage(
      String completion, String program) {
    assertEquals(program, MbppMode.LM_EVAL_INSTRUCT.program(completion));
  }

  @Test
  void samplesGiveAMeanAndPromptsShowTheAssertions() throws IOException {
    Benchmark benchmark = open(PROBLEMS, allowed().withLimit(1).with("mode", "lm-eval"));
    ScoreReport report =
        benchmark.score(
            List.of(completion(11, "d = lambda x: 2 * x"), completion(11, "d = lambda x: x")));
    assertEquals(0.5, report.scores().get(0).score());
    assertEquals("pass@1", report.scores().get(0).name());
    assertEquals(
        "You are an expert Python programmer, and here is your task:\nWrite a function to double.\n"
            + "Your code should pass these tests:\nassert d(1) == 2\nassert d(4) == 8\nassert d(0) == 0",
        benchmark.prompts().get(0).conversation().turns().get(0).text());
    assertEquals(
        "You are an expert Python programmer, and here is your task: Write a function to negate. Your"
            + " code should pass these tests:\n\nassert neg(1) == -1\nassert neg(-2) == 2\n[BEGIN]\n",
        open(PROBLEMS, allowed().with("prompt", "raw")).prompts().get(1).text());
    assertEquals(3, open(PROBLEMS, allowed().with("split", "all")).prompts().size());
  }

  @Test
  void nothingRunsThatIsNotAllowed() throws IOException {
    BenchmarkOptions refused =
        BenchmarkOptions.defaults().with(Evaluator.ALLOW_CODE_EXECUTION, "false");
    Benchmark benchmark = open(PROBLEMS, refused);
    assertTrue(benchmark.unscorable().isPresent());
    assertThrows(
        ConfigException.class,
        () -> benchmark.score(List.of(completion(11, "x"), completion(12, "x"))));
    assertThrows(ConfigException.class, () -> open(PROBLEMS, BenchmarkOptions.defaults()));
    assertThrows(ConfigException.class, () -> open(PROBLEMS, refused.with("split", "train")));
    assertThrows(
        ConfigException.class, () -> open(PROBLEMS.lines().findFirst().orElseThrow(), refused));
    assertThrows(DataException.class, () -> open(PROBLEMS + PROBLEMS, refused));
  }
}
