package ai.dmt.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.evaluators.judge.JudgeServer;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Benchmarks of a study's cells, on a little of the bundled world. */
@Tag("native")
@Timeout(600)
class StudyScoresTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    Dmt.run("world", "--output", folder.resolve("world"), "--scale", "0.0025").succeeds();
  }

  private Path preset(String humaneval, String mtbench) throws IOException {
    return Files.writeString(
        folder.resolve("mini.yaml"),
        """
        name: mini
        data_dir: %s
        recipe:
          model: %s
          sources:
            code: {role: specialized, format: alpaca, files: [code_train.jsonl], max_samples: 12}
            math: {role: specialized, format: gsm8k, files: [math_train.jsonl], max_samples: 12}
            general: {role: general, format: sharegpt, files: [general_train.jsonl], max_samples: 12}
          data: {cutoff_len: 512}
          training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}
          engine: {threads: 1}
        benchmarks:
          gsm8k: {source: math, scores: [accuracy/lm-eval-strict, accuracy/lm-eval-flexible],
            problems: math_test.jsonl, limit: 5, max_new_tokens: 16}
          humaneval: {source: code, problems: code_test.jsonl, limit: 5, max_new_tokens: 16,
            %s}
          mtbench: {source: general, scores: [average], problems: general_test.jsonl, limit: 5,
            max_new_tokens: 16, %s}
        """
            .formatted(folder.resolve("world"), model, humaneval, mtbench));
  }

  private static List<Object> words(Path preset, Path output, Object... more) {
    List<Object> words = new ArrayList<>(List.of("study", "strategies", "--preset", preset));
    words.addAll(List.of("--output", output, "--only", "math only seed 42"));
    words.addAll(List.of(more));
    return words;
  }

  private static Dmt study(Path preset, Path output, Object... more) {
    return Dmt.run(words(preset, output, more).toArray());
  }

  @Test
  void cellsHaveTheScoresOfTheirBenchmarks() throws IOException {
    Path preset =
        preset(
            "options: {prompt: stub}, allow_code_execution: true", "options: {temperature: \"0\"}");
    Path output = folder.resolve("out");
    String out = study(preset, output, "--jobs", 1).succeeds();
    assertTrue(out.contains("1 of 1 cells done") && out.contains("base: gsm8k: accuracy/"), out);
    JsonNode results = JSON.readTree(output.resolve("results.json").toFile());
    for (JsonNode scores : List.of(results.at("/base/scores"), results.at("/cells/0/scores"))) {
      assertEquals(5, scores.at("/gsm8k/0/total").asInt(), scores::toString);
      assertEquals("evalplus-base", scores.at("/humaneval/0/mode").asText());
      assertTrue(scores.at("/mtbench/0/score").asDouble() >= 1, scores::toString);
    }
    Path again = folder.resolve("again");
    study(preset, again, "--jobs", 2).succeeds();
    assertEquals(
        Files.readString(output.resolve("results.json")),
        Files.readString(again.resolve("results.json")));
  }

  @Test
  void whatCannotBeScoredIsMissingAndTheCellIsThere() throws IOException {
    Path output = folder.resolve("out");
    String out =
        study(preset("options: {prompt: stub}", "batch_size: 4"), output, "--jobs", 1).succeeds();
    assertTrue(out.contains("missing scores: "), out);
    JsonNode cell = JSON.readTree(output.resolve("results.json").toFile()).at("/cells/0");
    String missing = cell.at("/scores/humaneval/missing").asText();
    assertTrue(missing.contains("not allowed to run"), cell::toString);
    assertTrue(cell.at("/scores/gsm8k/0").has("score"), cell::toString);
  }

  @Test
  void withoutPythonOrSandboxCodeScoresAreMissingAndNeverZero() throws Exception {
    Path onlyPython = Files.createDirectory(folder.resolve("bin"));
    Path launcher = onlyPython.resolve("python3");
    Files.writeString(launcher, "#!/bin/sh\nexec %s \"$@\"\n".formatted(python()));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    missesHumanEval(
        folder.resolve("nothing"), "cannot start python3 as Python; install the package python3");
    missesHumanEval(onlyPython, "no sandbox: bubblewrap is not installed");
  }

  /** The interpreter itself: launchers such as pyenv's need a PATH. */
  private static Path python() throws IOException {
    Process process =
        new ProcessBuilder("python3", "-c", "import sys; print(sys.executable)").start();
    return Path.of(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
  }

  private void missesHumanEval(Path path, String reason) throws Exception {
    Path output = folder.resolve("with " + path.getFileName());
    Path preset =
        preset(
            "options: {prompt: stub}, allow_code_execution: true", "options: {temperature: \"0\"}");
    try (StudyProcesses processes = new StudyProcesses(folder)) {
      Process process =
          processes.start(words(preset, output, "--jobs", 1), Map.of("PATH", path.toString()));
      processes.ends(process, ExitCode.OK);
      assertTrue(processes.log().contains("missing scores: " + reason), processes.log());
    }
    JsonNode results = JSON.readTree(output.resolve("results.json").toFile());
    for (JsonNode scores : List.of(results.at("/base/scores"), results.at("/cells/0/scores"))) {
      assertTrue(scores.at("/humaneval/missing").asText().startsWith(reason), scores::toString);
      assertEquals(1, scores.path("humaneval").size(), "nothing but the reason");
      assertTrue(scores.at("/gsm8k/0").has("score"), scores::toString);
    }
    String report = Files.readString(output.resolve("report.md"));
    assertTrue(report.contains("Scores of humaneval are missing: " + reason), report);
  }

  private Path judged(String url, String more) throws IOException {
    Path questions = Files.createDirectories(folder.resolve("judged"));
    new MtBenchFiles(questions, 3);
    Path preset = preset("batch_size: 4", "batch_size: 4");
    return Files.writeString(
        preset,
        Files.readString(preset)
            .replaceAll(
                "(?s)  mtbench: .*",
                "  mtbench: {source: general, problems: %s, max_new_tokens: 16, options: {%s}}\n"
                    .formatted(
                        questions.resolve("question.jsonl"),
                        "judge-url: \"%s\", judge-model: m, judge-references: reference.jsonl,"
                                .formatted(url)
                            + " judge-tries: \"1\""
                            + more)));
  }

  private static JsonNode mtbench(Path output) throws IOException {
    return JSON.readTree(output.resolve("results.json").toFile()).at("/cells/0/scores/mtbench");
  }

  @Test
  void aJudgeThatIsAwayIsAMissingScoreAndIsAskedAloneTheNextTime() throws IOException {
    Path output = folder.resolve("out");
    AtomicBoolean away = new AtomicBoolean(true);
    try (JudgeServer server =
        new JudgeServer(
            (request, earlier) -> {
              if (away.get()) {
                request.send(503, "away");
              } else {
                request.reply("[[7]]");
              }
            })) {
      Path preset = judged(server.url(), ", judge-repeats: \"3\"");
      String out = study(preset, output, "--jobs", 1).succeeds();
      assertTrue(out.contains("missing scores: no reply from the judge m in 1 tries"), out);
      JsonNode missing = mtbench(output);
      assertEquals(1, missing.size(), "nothing but the reason: " + missing);
      assertTrue(missing.path("missing").asText().contains("503"), missing::toString);

      away.set(false);
      int before = server.requests().size();
      String again = study(preset, output, "--jobs", 1).succeeds();
      assertFalse(again.contains("missing scores: no reply"), again);
      assertTrue(server.requests().size() > before);
      assertEquals(7, mtbench(output).at("/0/score").asDouble());
      assertTrue(mtbench(output).toString().contains("sd of repeats"));
      try (Stream<Path> kept = Files.list(output.resolve("judging"))) {
        assertEquals(List.of("replies"), kept.map(file -> file.getFileName().toString()).toList());
      }
    }
  }

  @Test
  void theKeyOfAJudgeComesFromTheEnvironmentAlone() throws IOException {
    Path output = folder.resolve("out");
    String url = "http://127.0.0.1:1/v1";
    study(judged(url, ", judge-key-env: DMT_TEST_NO_SUCH_VARIABLE"), output, "--jobs", 1)
        .succeeds();
    assertEquals(
        "the environment has no variable DMT_TEST_NO_SUCH_VARIABLE (judge-key-env)",
        mtbench(output).path("missing").asText());
    study(judged(url, ", judge-key: abc"), folder.resolve("other"))
        .fails(ExitCode.USAGE, "judge-key is no option of a study");
  }

  @Test
  void problemsThatAreOptionalMayBeAway() throws IOException {
    Path output = folder.resolve("out");
    study(
            preset("batch_size: 4", "batch_size: 4"),
            output,
            "--jobs",
            1,
            "benchmarks.more={evaluator: gsm8k, optional: true, source: math, problems: no.jsonl}")
        .succeeds();
    JsonNode scores = JSON.readTree(output.resolve("results.json").toFile()).at("/cells/0/scores");
    assertTrue(scores.at("/more/missing").asText().contains("no.jsonl"), scores::toString);
  }

  @Test
  void faultyBenchmarksAreToldBeforeAnythingIsTrained() throws IOException {
    Path output = folder.resolve("out");
    study(preset("options: {prompts: raw}", "batch_size: 4"), output)
        .fails(ExitCode.USAGE, "unknown setting \"prompts\"");
    study(preset("batch_size: 4", "batch_size: 4"), output, "benchmarks.gsm8k.problems=no.jsonl")
        .fails(ExitCode.USAGE, "no.jsonl");
    assertFalse(Files.exists(output));
  }
}
