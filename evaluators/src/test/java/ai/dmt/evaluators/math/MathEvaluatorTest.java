package ai.dmt.evaluators.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MathEvaluatorTest {
  @TempDir private Path folder;

  private Benchmark open(String lines, BenchmarkOptions options) throws IOException {
    Path file = Files.writeString(folder.resolve("math.jsonl"), lines);
    return Evaluators.byName("math").open(file, options);
  }

  private static CompletionRecord completion(int id, String text) {
    return new CompletionRecord(Origin.UNKNOWN, "" + id, text);
  }

  /** Made by scripts/golden_math.py with lm-evaluation-harness's own code. */
  @Test
  void verdictsAreTheHarnesses() throws URISyntaxException {
    Path golden = Path.of(Objects.requireNonNull(getClass().getResource("verdicts.jsonl")).toURI());
    List<JsonRecord> lines = JsonLines.read(golden, line -> line);
    assertTrue(lines.size() > 500);
    List<String> differing = new ArrayList<>();
    for (JsonRecord line : lines) {
      MathProblem problem =
          new MathProblem("0", "", Boxed.last(line.text("solution")).orElseThrow());
      for (MathMode mode : MathMode.values()) {
        JsonNode expected = line.node().get(mode.text());
        String verdict =
            mode.extract(line.text("completion"))
                .map(answer -> Boolean.toString(mode.isRight(answer, problem)))
                .orElse("null");
        if (!verdict.equals(expected.asText())) {
          differing.add("%s %s: %s, not %s".formatted(line.origin(), mode, verdict, expected));
        }
      }
    }
    assertEquals(List.of(), differing);
  }

  @Test
  void problemsAreReadAsPublishedAndScoredInEachMode() throws IOException {
    Benchmark benchmark =
        open(
            """
            {"problem": "What is $1+1$?", "level": "Level 1", "type": "Algebra", "solution": "It is $\\\\boxed{2}.$"}
            {"problem": "Half?", "level": "Level 5", "type": "Geometry", "solution": "$\\\\boxed{\\\\frac{1}{2}}$"}
            """,
            BenchmarkOptions.defaults());
    assertEquals("What is $1+1$?", benchmark.prompts().get(0).conversation().turns().get(0).text());
    ScoreReport report =
        benchmark.score(
            List.of(completion(1, "so $\\boxed{\\frac12}$"), completion(0, "I give up")));
    assertEquals(
        List.of("boxed 1 of 2", "hendrycks 0 of 2", "minerva-text 0 of 2"),
        report.scores().stream()
            .map(each -> "%s %s of %s".formatted(each.mode(), each.correct(), each.total()))
            .toList());
    assertEquals("invalid", report.items().get(0).verdict());
    assertEquals("correct", report.items().get(1).verdict());
    assertEquals("1", report.version());
  }

  @Test
  void promptsForBaseModelsAreTheHarnesses() throws IOException {
    Benchmark benchmark =
        open(
            "{\"problem\": \"P?\", \"solution\": \"\\\\boxed{1}\"}\n",
            BenchmarkOptions.defaults().with("prompt", "raw").with("mode", "boxed"));
    assertEquals("Problem: P?\nAnswer:", benchmark.prompts().get(0).text());
    assertEquals(List.of("Problem:"), benchmark.prompts().get(0).generation().stops());
  }

  @Test
  void faultsNameFileAndLineOrTheSetting() {
    String noBox = "{\"problem\": \"P?\", \"solution\": \"1\"}\n";
    String message =
        assertThrows(DataException.class, () -> open(noBox, BenchmarkOptions.defaults()))
            .getMessage();
    assertTrue(message.contains("math.jsonl:1: \"solution\" has no \\boxed{}"), message);
    assertThrows(DataException.class, () -> open("", BenchmarkOptions.defaults()));
    assertThrows(
        ConfigException.class,
        () -> open(noBox, BenchmarkOptions.defaults().with("mode", "minerva")));
    assertThrows(
        ConfigException.class, () -> open(noBox, BenchmarkOptions.defaults().with("prompt", "x")));
  }

  @Test
  void longAnswersTakeNoTime() {
    MathProblem problem = new MathProblem("0", "", "1");
    for (String part : List.of("$", "\\frac", "\\boxed{", "{", "\\text{", "1/", "sqrt[", "a ")) {
      String text = part.repeat(20_000 / part.length());
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> {
            for (MathMode mode : MathMode.values()) {
              for (String said :
                  List.of(
                      text,
                      "\\boxed{" + text + "}",
                      "Final Answer: The final answer is " + text + ". I hope it is correct.")) {
                mode.extract(said).ifPresent(answer -> mode.isRight(answer, problem));
              }
            }
          },
          part);
    }
  }
}
