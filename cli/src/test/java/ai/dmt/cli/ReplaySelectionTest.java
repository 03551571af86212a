package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.train.ReplaySelection;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that choose what their second stage replays. */
@Tag("native")
@Timeout(300)
class ReplaySelectionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of each stage; the second has those of general and what is replayed. */
  private static final int FIRST_STEPS = 16;

  @TempDir private Path folder;
  private Path recipe;
  private RecipeRuns runs;

  @BeforeEach
  void writeRecipe() throws IOException {
    recipe =
        Files.write(
            folder.resolve("r.yaml"),
            List.of(
                "model: " + TinyModel.write(folder.resolve("model")),
                "sources:",
                source("code", "specialized", "5 6 7 8"),
                source("math", "specialized", "1 2 3 4"),
                source("general", "general", "yes and no"),
                "strategy: {name: dmt, k: 0.2}",
                "data: {cutoff_len: 512}",
                "training: {num_train_epochs: 2, global_train_batch_size: 6, learning_rate: 1e-2,"
                    + " save_steps: 2}",
                "engine: {threads: 1}"));
    runs = new RecipeRuns(recipe);
  }

  /** Of 24 rows, every fifth of which has an answer of its own. */
  private String source(String name, String role, String answer) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          "{\"question\": \"%s %s?\", \"answer\": \"%s%s\"}\n"
              .formatted(name, i, answer, i % 5 == 2 ? " " + i * 37 : ""));
    }
    Path file = Files.writeString(folder.resolve(name + ".jsonl"), lines);
    return "  %s: {role: %s, files: [%s]}".formatted(name, role, file);
  }

  @AfterEach
  void endProcesses() {
    runs.close();
  }

  private Path out(String name) {
    return runs.out(name);
  }

  private Dmt train(String output, ReplaySelection by, String... more) {
    return runs.train(output, words(by, more));
  }

  private static List<String> words(ReplaySelection by, String... more) {
    List<String> words = new ArrayList<>();
    words.add("control={replay_selection: %s}".formatted(by.name().toLowerCase(Locale.ROOT)));
    words.addAll(List.of(more));
    return words;
  }

  private List<JsonNode> replayed(String output) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out(output).resolve("replay.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private List<String> ids(String output, String source) throws IOException {
    return replayed(output).stream()
        .filter(line -> line.path("source").asText().equals(source))
        .map(line -> line.path("id").asText())
        .toList();
  }

  @Test
  void randomIsWhatARunWithoutControlDoes() throws IOException {
    train("without", ReplaySelection.RANDOM, "control=null").succeeds();
    train("random", ReplaySelection.RANDOM).succeeds();
    runs.assertSameFiles("without", "random", "model.safetensors", "ledger.json");
    assertFalse(Files.exists(out("random").resolve("replay.jsonl")));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
  void lessIsContainedInMoreAndTheStepsAreAsMany(ReplaySelection by) throws IOException {
    String random = train("random", ReplaySelection.RANDOM).succeeds();
    String less = train("less", by).succeeds();
    train("more", by, "strategy.k=0.5").succeeds();
    String word = by.name().toLowerCase(Locale.ROOT);
    for (String source : List.of("code", "math")) {
      assertTrue(
          less.contains(
              "replays 4 samples of source %s, chosen by %s: scores from ".formatted(source, word)),
          less);
      assertEquals(4, ids("less", source).size());
      assertEquals(12, ids("more", source).size());
      assertEquals(ids("less", source), ids("more", source).subList(0, 4));
    }
    double last = Double.POSITIVE_INFINITY;
    for (JsonNode line : replayed("less").subList(0, 4)) {
      assertEquals("general", line.path("stage").asText());
      assertTrue(line.path("score").asDouble() <= last, line.toString());
      assertTrue(line.path("origin").asText().contains(".jsonl:"), line.toString());
      last = line.path("score").asDouble();
    }
    String done = random.substring(random.indexOf("done after "));
    assertTrue(less.contains(done.substring(0, done.indexOf(" steps"))), less);
    assertNotEquals(
        -1,
        Files.mismatch(
            out("random").resolve("model.safetensors"), out("less").resolve("model.safetensors")));
  }

  @Test
  void whatTheModelDoesWorstIsReplayed() throws IOException {
    train("run", ReplaySelection.LOSS).succeeds();
    for (String source :
        List.of("code", "math")) { // rows 3, 8, 13, 18 and 23 are unlike the others
      for (JsonNode line : replayed("run")) {
        String origin = line.path("origin").asText();
        int row = Integer.parseInt(origin.substring(origin.lastIndexOf(':') + 1));
        assertTrue(!line.path("source").asText().equals(source) || row % 5 == 3, line.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
  void aKilledRunChoosesAndLearnsTheSame(ReplaySelection by) throws Exception {
    train("whole", by).succeeds();
    for (long step : new long[] {2, FIRST_STEPS, FIRST_STEPS + 4}) {
      runs.start(1, "killed", words(by, "--resume", "auto"));
      runs.killAfterCheckpoint("killed", step);
    }
    String said = train("killed", by, "--resume", "auto").succeeds();
    assertFalse(said.contains("chosen by"), "it is in the checkpoint: " + said);
    runs.assertSameFiles("whole", "killed", "model.safetensors", "ledger.json", "replay.jsonl");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
  void twoRanksChooseAsOne(ReplaySelection by) throws Exception {
    train("one", by).succeeds();
    runs.start(2, "two", words(by));
    runs.killAfterCheckpoint("two", FIRST_STEPS + 2);
    byte[] chosen = Files.readAllBytes(out("two").resolve("replay.jsonl"));
    for (String source : List.of("code", "math")) {
      assertEquals(ids("one", source), ids("two", source));
    }
    train("two", by, "--resume", "auto").succeeds(); // on one rank
    assertArrayEquals(chosen, Files.readAllBytes(out("two").resolve("replay.jsonl")));
  }

  @Test
  void aPlanListsNoStepsWhoseSamplesAreYetToBeChosen() {
    String by = "control={replay_selection: loss}";
    String steps = "1.." + FIRST_STEPS;
    assertEquals(
        FIRST_STEPS,
        Dmt.run("plan", recipe, by, "--samples", "--steps", steps).succeeds().lines().count());
    Dmt.run("plan", recipe, by, "--samples", "--steps", FIRST_STEPS + 1)
        .fails(ExitCode.USAGE, "stage \"general\", which chooses what it replays when it begins");
    Dmt.run("plan", recipe, "--samples", "--steps", FIRST_STEPS + 1).succeeds();
  }

  @Test
  void badSettingsAreNamed() throws IOException {
    train("out", ReplaySelection.LOSS, "strategy={name: multi-task}")
        .fails(
            ExitCode.USAGE,
            "control.replay_selection=loss: no stage replays a source of an earlier one");
    train("out", ReplaySelection.SIMILARITY, "strategy.k=0")
        .fails(ExitCode.USAGE, "control.replay_selection=similarity: no stage replays a source");
    train("out", ReplaySelection.LOSS, "control.replay=adaptive")
        .fails(ExitCode.USAGE, "replay_selection is for shares that stay as planned");
    train("out", ReplaySelection.LOSS, "control.replay_selection=newest")
        .fails(ExitCode.USAGE, "control.replay_selection");
  }
}
