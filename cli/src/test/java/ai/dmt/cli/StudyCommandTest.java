package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Studies of a tiny random model: 18 samples of each source to train on, 2 held out. */
@Tag("native")
@Timeout(600)
class StudyCommandTest {
  /** Code, math, general; multi-task; two more of sequential; stage one; two ends of it. */
  private static final int STRATEGY_NODES = 9;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private StudyProcesses processes;
  private Path preset;
  private Path output;

  @BeforeEach
  void writePreset() throws IOException {
    processes = new StudyProcesses(folder);
    preset =
        MiniStudy.write(
            folder,
            List.of("code", "math", "general"),
            "amounts: [1, 1/2]",
            "dmt_k: [0, 1/2]",
            "headline_k: 1/2",
            "ratio_general: 1/2");
    output = folder.resolve("out");
  }

  @AfterEach
  void endProcesses() {
    processes.close();
  }

  private Dmt study(Object... more) {
    List<Object> words = new ArrayList<>(List.of("study", "strategies", "--preset", preset));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  private Process start(Path out, int jobs) throws IOException {
    return processes.start(
        List.of("study", "strategies", "--preset", preset, "--output", out, "--jobs", jobs));
  }

  private static int nodes(Path out) throws IOException {
    if (!Files.exists(out.resolve("nodes"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(out.resolve("nodes"))) {
      return (int) files.filter(file -> Files.exists(file.resolve("model"))).count();
    }
  }

  private static JsonNode cell(JsonNode results, String id) {
    for (JsonNode cell : results.path("cells")) {
      if (cell.path("id").asText().equals(id)) {
        return cell;
      }
    }
    throw new AssertionError(id + " is not in " + results);
  }

  private JsonNode results(Path out) throws IOException {
    return JSON.readTree(Files.readString(out.resolve("results.json")));
  }

  private double wallSeconds() throws IOException {
    JsonNode timing = JSON.readTree(Files.readString(output.resolve("timing.json")));
    return timing.path("wall_seconds").asDouble();
  }

  @Test
  void everyCellHasItsStagesAndLosses() throws IOException {
    String out = study("--output", output, "--jobs", 1, "--watch").succeeds();
    assertTrue(out.contains("7 of 7 cells done"), out);
    assertTrue(out.contains("the report grows at http://127.0.0.1:"), out);
    assertEquals(STRATEGY_NODES, nodes(output));
    JsonNode results = results(output);
    assertEquals(3, results.at("/base/held_out").size(), results::toString);
    JsonNode dmt = cell(results, "dmt k=1/2 seed 42");
    assertEquals("RQ4", dmt.path("paper").asText());
    assertEquals(0.5, dmt.path("k").asDouble());
    JsonNode second = dmt.at("/stages/1");
    assertEquals("{\"code\":9,\"math\":9,\"general\":18}", second.path("samples").toString());
    assertEquals(6, second.path("steps").asInt());
    assertEquals(3, second.path("held_out").size());
    assertEquals(
        cell(results, "mixed-sequential seed 42").at("/stages/0"), dmt.at("/stages/0"), "shared");

    Path again = folder.resolve("again");
    study("--output", again, "--jobs", 1).succeeds();
    assertEquals(
        Files.readString(output.resolve("results.json")),
        Files.readString(again.resolve("results.json")));
  }

  @Test
  void aStartThatFindsNothingToDoTakesNoTime() throws IOException {
    study("--output", output, "--jobs", 1, "--only", "math only seed 42").succeeds();
    double seconds = wallSeconds();
    assertTrue(seconds > 0, "seconds: " + seconds);
    String nothing =
        study("--output", output, "--jobs", 1, "--only", "math only seed 42").succeeds();
    assertTrue(nothing.contains("left: 0 stages, 0 tokens"), nothing);
    assertEquals(seconds, wallSeconds(), "nothing was done");
    String quiet =
        study("--output", output, "--jobs", 1, "--only", "math only seed 42", "--quiet").succeeds();
    assertEquals(1, quiet.lines().count(), quiet);
    assertTrue(quiet.startsWith("1 of 1 cells done; "), quiet);
  }

  @Test
  void aCellsRecipeAloneTrainsTheSameModel() throws IOException {
    study("--output", output, "--jobs", 1, "--only", "dmt k=1/2 seed 42").succeeds();
    JsonNode cell = cell(results(output), "dmt k=1/2 seed 42");
    Path alone = folder.resolve("alone");
    Dmt.run("train", output.resolve(cell.path("recipe").asText()), "--output", alone).succeeds();
    Path node = output.resolve("nodes").resolve(cell.at("/stages/1/node").asText());
    assertArrayEquals(
        Files.readAllBytes(node.resolve("model/model.safetensors")),
        Files.readAllBytes(alone.resolve("model.safetensors")));
  }

  /** Eight of twenty general rows have code, and no others are trained on; two are held out. */
  @Test
  void filteredMixturesAreTrainedWithoutTheTopics() throws IOException {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String answer = i < 8 ? "```python\\nprint(%s)\\n```" : "It rained in May, said guest %s.";
      records.append(
          "{\"question\": \"general %s?\", \"answer\": \"%s\"}\n"
              .formatted(i, answer.formatted(i)));
    }
    Files.writeString(folder.resolve("general.jsonl"), records);
    Dmt.run(
            "study",
            "filtered",
            "--preset",
            preset,
            "--output",
            output,
            "--jobs",
            1,
            "filtered={amounts: [1]}")
        .succeeds();
    JsonNode cell = cell(results(output), "filtered k=1 seed 42");
    JsonNode stage = cell.at("/stages/0");
    int general = stage.at("/samples/general").asInt();
    assertTrue(general >= 10 && general <= 12, stage::toString);
    assertEquals(18, stage.at("/samples/math").asInt());
    assertEquals(3, stage.path("held_out").size());
    assertTrue(Files.readString(output.resolve("report.html")).contains("sec. 4.2"));
    Path alone = folder.resolve("alone");
    Dmt.run("train", output.resolve(cell.path("recipe").asText()), "--output", alone).succeeds();
    Path node = output.resolve("nodes").resolve(stage.path("node").asText());
    assertArrayEquals(
        Files.readAllBytes(node.resolve("model/model.safetensors")),
        Files.readAllBytes(alone.resolve("model.safetensors")));
  }

  /** Of stages that are shared, cells that nobody asked may be complete, too. */
  @Test
  void resultsHoldTheCellsThatWereAskedFor() throws IOException {
    Dmt.run("study", "dmt-k", "--preset", preset, "--output", output, "--jobs", 1).succeeds();
    assertEquals(List.of("k sweep k=0 seed 42", "k sweep k=1/2 seed 42"), ids());
    String report = Files.readString(output.resolve("report.md"));
    assertTrue(report.contains("2 runs of one base model: 2 ways with one seed"), report);
    assertFalse(report.contains("Strategies (RQ4)"), report);
    study("--output", output, "--jobs", 1, "--only", "mixed-sequential seed 42").succeeds();
    assertEquals(
        List.of("mixed-sequential seed 42", "k sweep k=0 seed 42", "k sweep k=1/2 seed 42"), ids());
  }

  private List<String> ids() throws IOException {
    List<String> ids = new ArrayList<>();
    results(output).path("cells").forEach(cell -> ids.add(cell.path("id").asText()));
    return ids;
  }

  @Test
  void killedAtThreeMomentsGivesTheSameResults() throws Exception {
    study("--output", output, "--jobs", 1).succeeds();
    Path killed = folder.resolve("killed");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int done = 1; done <= 3; done++) {
      Process process = start(killed, done == 2 ? 2 : 1);
      processes.waitFor(process, () -> nodes(killed), 2 * done);
      TimeUnit.MILLISECONDS.sleep(random.nextInt(100));
      process.destroyForcibly();
      process.waitFor();
    }
    assertTrue(nodes(killed) < STRATEGY_NODES, "killed too late, seed " + seed);
    processes.ends(start(killed, 1), ExitCode.OK);
    assertEquals(
        Files.readString(output.resolve("results.json")),
        Files.readString(killed.resolve("results.json")),
        () -> "seed " + seed);
  }

  @Test
  void twoProcessesOnOneFolderTrainEachNodeOnce() throws Exception {
    Process one = start(output, 1);
    Process other = start(output, 1);
    processes.ends(one, ExitCode.OK);
    processes.ends(other, ExitCode.OK);
    assertEquals(STRATEGY_NODES, nodes(output));
    String log = processes.log();
    long trained = log.lines().filter(line -> line.contains(" steps, loss ")).count();
    assertEquals(STRATEGY_NODES, trained, log);
  }

  @Test
  void folderOfAnotherStudyIsRefusedByTheNamesThatDiffer() throws IOException {
    study("--output", output, "--jobs", 1, "--only", "math only seed 42").succeeds();
    study("--output", output, "training.learning_rate=2e-3", "headline_k=1/4")
        .fails(
            ExitCode.USAGE,
            "holds another study",
            "study.recipe.training.learning_rate: 0.001 there, 0.002 asked for",
            "study.headline_k: 0.5 there, 0.25 asked for");
    Files.writeString(folder.resolve("math.jsonl"), "{\"question\": \"1?\", \"answer\": \"2\"}\n");
    study("--output", output).fails(ExitCode.USAGE, "hashes.sources.math");
  }

  /** Where the processor has no AVX-512 both kinds are the same bits. */
  @Test
  void aReproducibleStudyIsTrainedInProcessesOfItsOwnAndGoesOnSo() throws Exception {
    List<Object> words = new ArrayList<>(List.of("study", "strategies", "--preset", preset));
    words.addAll(List.of("--output", output, "--jobs", 1, "--only", "math only seed 42"));
    Dmt.run(words.toArray()).succeeds();
    Dmt.run(with(words, "--reproducible"))
        .fails(ExitCode.USAGE, "was begun without --reproducible");
    words.set(words.indexOf(output), folder.resolve("same"));
    processes.ends(processes.start(List.of(with(words, "--reproducible"))), ExitCode.OK);
    JsonNode cell = cell(results(folder.resolve("same")), "math only seed 42");
    assertEquals(
        cell(results(output), "math only seed 42").at("/stages/0/final_loss").asDouble(),
        cell.at("/stages/0/final_loss").asDouble(),
        1e-4);
    Dmt.run(words.toArray()).fails(ExitCode.USAGE, "was begun with --reproducible");
  }

  private static Object[] with(List<Object> words, Object more) {
    List<Object> all = new ArrayList<>(words);
    all.add(more);
    return all.toArray();
  }

  @Test
  void dryRunNeedsNoLibtorchAndWritesNothing() throws Exception {
    String path = System.setProperty("dmt.native.path", folder.resolve("nothing").toString());
    try {
      Process process =
          processes.start(
              List.of(
                  "study",
                  "all",
                  "--preset",
                  preset,
                  "--dry-run",
                  "--output",
                  output,
                  "tokens_per_second=1000"));
      processes.ends(process, ExitCode.OK);
    } finally {
      System.setProperty("dmt.native.path", path);
    }
    String log = processes.log();
    assertTrue(log.contains("mini: 23 cells"), log);
    assertTrue(log.contains("training time left: 00:"), log);
    assertFalse(Files.exists(output));
  }

  @Test
  void hoursOfGpusArePredictedWithoutFilesAndModels() {
    String text =
        Dmt.run(
                "study",
                "all",
                "--preset",
                "7b",
                "--dry-run",
                "--output",
                output,
                "--gpu",
                "h100-80gb",
                "--gpus",
                4)
            .succeeds();
    assertTrue(text.contains("predicted and not measured"), text);
    assertTrue(text.contains("GPU hours of h100-80gb") && text.contains("with 4 of them"), text);
    assertTrue(text.contains("mtbench of "), text);
    assertTrue(text.contains("dmt k=1/256 seed 42"), text);
    Dmt.run("study", "all", "--preset", "7b", "--dry-run", "--gpu", "h1000")
        .fails(ExitCode.USAGE, "a100-80gb, h100-80gb");
  }

  @Test
  void aQuestionThatTheStudyDoesNotAskIsNoEmptyPlan() {
    String asks = "it has those of strategies, amount, mixed, ratio, dmt-k (docs/study.md";
    for (String question : List.of("size", "matched", "equal-amount", "filtered", "grid", "lora")) {
      for (List<String> how : List.of(List.of("--dry-run"), List.<String>of())) {
        List<Object> words = new ArrayList<>(List.of("study", question, "--preset", preset));
        words.addAll(List.of("--output", output));
        words.addAll(how);
        Dmt.run(words.toArray())
            .fails(ExitCode.USAGE, "this study has no cells of %s; %s".formatted(question, asks));
      }
    }
    Dmt.run("study", "size", "--preset", "7b", "--dry-run")
        .fails(
            ExitCode.USAGE,
            "no cells of size;",
            "ratio, dmt-k, equal-amount, filtered, lora (docs");
    assertFalse(Files.exists(output.resolve("study.yaml")));
  }

  @Test
  void badInputIsToldBeforeAnythingIsWritten() {
    study("--output", output, "model=/no/such").fails(ExitCode.USAGE, "no model folder /no/such");
    study("--output", output, "--only", "dmt k=1/4").fails(ExitCode.USAGE, "dmt k=1/2 seed 42");
    study("--output", output, "--port", 8080).fails(ExitCode.USAGE, "--port is for --watch");
    study("--output", output, "--watch", "--port", 70_000)
        .fails(ExitCode.USAGE, "--port must be in 0 to 65535, got 70000");
    study("--output", output, "--jobs", 0).fails(ExitCode.USAGE, "--jobs must be positive");
    Dmt.run("study", "all", "--preset", "tinny")
        .fails(
            ExitCode.USAGE,
            "there is no study preset \"tinny\"; did you mean tiny?",
            "tiny, office, small-real, 1b, 7b, 13b, 33b, 65b, sizes, or name a YAML file");
    Dmt.run("study", "everything", "--preset", preset).fails(ExitCode.USAGE, "no question");
    assertFalse(Files.exists(output.resolve("study.yaml")));
  }
}
