package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Benchmarks of {@code dmt evaluate}, with the bundled world's problems and a random model. */
@Tag("native")
class EvaluateBenchmarksTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;
  private Path world;
  private Path output;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("random"));
    world = folder.resolve("world");
    output = folder.resolve("out");
    Dmt.run("world", "--output", world, "--scale", "0.0025").succeeds();
  }

  private Dmt evaluate(Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("evaluate", "--model", model, "--data", world, "--limit", 4));
    words.addAll(List.of("--output", output, "--template", "vicuna_v1.1", "--max-new-tokens", 24));
    words.addAll(List.of(more));
    return Dmt.run(words.toArray());
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  @Test
  void allThreeAreAnsweredScoredAndKept() throws IOException {
    Path json = folder.resolve("scores.json");
    String out =
        evaluate(
                "--benchmarks", "gsm8k,humaneval,mtbench", "--allow-code-execution", "--json", json)
            .succeeds();
    assertTrue(out.contains("lm-eval-flexible") && out.contains("pass@1"), out);
    JsonNode scored = JSON.readTree(json.toFile()).at("/models/0");
    assertEquals("random", scored.path("model").asText());
    assertEquals(3, scored.path("reports").size());
    assertEquals(0, scored.path("missing").size());

    Path gsm8k = output.resolve("random/gsm8k");
    List<JsonNode> answers = lines(gsm8k.resolve("completions.jsonl"));
    assertEquals(4, answers.size());
    assertEquals("length", answers.get(0).path("finish_reason").asText());
    assertEquals(24, answers.get(0).path("tokens").asInt());
    assertEquals(
        JSON.readTree(gsm8k.resolve("report.json").toFile()), scored.at("/reports/0"), out);
    // The same verdicts come from the files alone.
    Path again = folder.resolve("again.json");
    Dmt.run(
            "score",
            "gsm8k",
            "--problems",
            world.resolve("math_test.jsonl"),
            "--completions",
            gsm8k.resolve("completions.jsonl"),
            "--limit",
            4,
            "--json",
            again)
        .succeeds();
    assertEquals(JSON.readTree(again.toFile()), scored.at("/reports/0"));

    List<CompletionRecord> samples =
        CompletionFile.read(output.resolve("random/humaneval/samples.jsonl"));
    assertEquals("World/0", samples.get(0).id());

    Path mtbench = output.resolve("random/mtbench");
    long second =
        lines(world.resolve("general_test.jsonl")).stream()
            .limit(4)
            .filter(question -> question.path("turns").size() == 2)
            .count();
    assertEquals(4 + second, lines(mtbench.resolve("completions.jsonl")).size());
    assertEquals(4, ModelAnswer.read(mtbench.resolve("model_answer/random.jsonl")).values().size());
  }

  @Test
  void theSameCommandGivesTheSameScoresWhateverTheBatch() throws IOException {
    String first = evaluate("--benchmarks", "gsm8k,mtbench", "--batch-size", 1).succeeds();
    String answers = Files.readString(output.resolve("random/mtbench/completions.jsonl"));
    assertEquals(first, evaluate("--benchmarks", "gsm8k,mtbench", "--batch-size", 3).succeeds());
    assertEquals(answers, Files.readString(output.resolve("random/mtbench/completions.jsonl")));
    // Sampled: another seed says something else.
    evaluate("--benchmarks", "mtbench", "--seed", 5).succeeds();
    assertFalse(
        answers.equals(Files.readString(output.resolve("random/mtbench/completions.jsonl"))));
  }

  @Test
  void batchesOf16AnswerAsOneByOneDoes() throws IOException {
    Path real = SharedFiles.require("data/weights/stories260K-hf");
    String out =
        Dmt.run(
                "evaluate",
                "--model",
                real,
                "--data",
                world,
                "--benchmarks",
                "gsm8k,mtbench",
                "--limit",
                24,
                "--max-new-tokens",
                48,
                "--output",
                output,
                "--template",
                "vicuna_v1.1",
                "--check-batch",
                1)
            .succeeds();
    assertTrue(out.contains("gsm8k: batches of 16 and 1 give the same 24 answers"), out);
    assertTrue(out.contains("mtbench: batches of 16 and 1 give the same"), out);
  }

  @Test
  void scoreThatCannotBeHadIsMissingAndTheRestIsThere() throws IOException {
    Path json = folder.resolve("scores.json");
    Dmt result = evaluate("--benchmarks", "gsm8k,humaneval", "--json", json);
    assertEquals(ExitCode.FAILED, result.exitCode(), result::toString);
    assertTrue(
        result.out().contains("humaneval: missing: programs that a model wrote run only with"),
        result::toString);
    JsonNode scored = JSON.readTree(json.toFile()).at("/models/0");
    assertEquals(1, scored.path("reports").size());
    assertTrue(scored.path("missing").has("humaneval"), scored::toString);
    assertEquals(4, lines(output.resolve("random/humaneval/completions.jsonl")).size());
    assertFalse(Files.exists(output.resolve("random/humaneval/report.json")));
  }

  @Test
  void promptsThatDoNotFitAreToldAndCountAsUnsolved() throws IOException {
    Path json = folder.resolve("scores.json");
    Dmt result =
        evaluate("--benchmarks", "gsm8k", "--setting", "gsm8k.prompt=cot-8", "--json", json);
    result.succeeds();
    assertTrue(result.err().contains("4 without room for an answer"), result::toString);
    JsonNode report = JSON.readTree(json.toFile()).at("/models/0/reports/0");
    assertEquals(4, report.at("/scores/0/total").asInt());
    assertEquals("prompt too long", report.at("/items/0/verdict").asText());
    JsonNode line = lines(output.resolve("random/gsm8k/completions.jsonl")).get(0);
    assertEquals("prompt_too_long", line.path("finish_reason").asText());
    assertTrue(line.path("prompt_tokens").asInt() > TinyModel.POSITIONS, line::toString);
    assertEquals("", line.path("completion").asText());
  }

  @Test
  void badInputIsToldBeforeAModelIsLoaded() {
    evaluate("--benchmarks", "gsm9k").fails(ExitCode.USAGE, "did you mean gsm8k?");
    evaluate("--benchmarks", "gsm8k=" + world.resolve("no")).fails(ExitCode.USAGE, "no such file");
    evaluate("--benchmarks", "gsm8k", "--setting", "gsm8k.promt=chat")
        .fails(ExitCode.USAGE, "did you mean prompt?");
    evaluate("--benchmarks", "gsm8k", "--setting", "mtbench.temperature=0")
        .fails(ExitCode.USAGE, "--setting is for mtbench");
    evaluate("--benchmarks", "gsm8k,gsm8k").fails(ExitCode.USAGE, "gsm8k twice");
    evaluate("--benchmarks", "gsm8k", "--batch-size", 0).fails(ExitCode.USAGE, "batchSize");
    Dmt.run("evaluate", "--model", model, "--benchmarks", "gsm8k", "--data", folder)
        .fails(ExitCode.USAGE, "gsm8k/test.jsonl", "--data DIR", "gsm8k=FILE");
    assertFalse(Files.exists(output));
  }
}
