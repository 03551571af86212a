package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that are killed and go on from their checkpoints: two stages of 12 and 6 steps. */
@Tag("native")
@Timeout(300)
class ResumeTest {
  private static final int STEPS = 18;
  private static final String ALL_WEIGHTS = "adapter=null";
  private static final String ADAPTER = "adapter={rank: 4, dropout: 0.1, stages: merge}";

  @TempDir private Path folder;
  private Path model;
  private Path recipe;
  private RecipeRuns runs;
  private RankRun run; // null until it starts

  @BeforeEach
  void writeModelAndRecipe() throws IOException {
    recipe =
        TinyRecipe.write(
            folder,
            40,
            "strategy: {name: mixed-sequential}",
            "data: {cutoff_len: 512, eval_fraction: 0.1}",
            "training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}",
            "engine: {threads: 1}");
    model = folder.resolve("model");
    runs = new RecipeRuns(recipe);
  }

  @AfterEach
  void endProcesses() {
    runs.close();
  }

  private Path out(String name) {
    return runs.out(name);
  }

  private Dmt train(String output, Object... more) {
    return runs.train(output, List.of(more));
  }

  private void start(int ranks, String output, String... more) throws IOException {
    run = runs.start(ranks, output, List.of(more));
  }

  private List<JsonNode> steps(String output) throws IOException {
    return MetricsLines.steps(out(output));
  }

  private byte[] weights(String output) throws IOException {
    boolean adapter = AdapterFolder.isAdapter(out(output));
    return Files.readAllBytes(
        out(output).resolve(adapter ? AdapterFolder.WEIGHTS : "model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {ALL_WEIGHTS, ADAPTER})
  void aKilledRunGoesOnBitForBit(String trained) throws Exception {
    train("whole", trained).succeeds();
    start(1, "killed", trained, "training.save_steps=1", "training.save_total_limit=3");
    runs.killAfterCheckpoint("killed", 2);
    start(1, "killed", trained, "--resume", "auto", "training.save_steps=1");
    runs.killAfterCheckpoint("killed", 14); // in the second stage, if it comes that far
    String said = train("killed", trained, "--resume", "auto").succeeds();
    assertTrue(said.contains("going on after step "), said);
    assertArrayEquals(weights("whole"), weights("killed"));
    List<JsonNode> whole = steps("whole");
    List<JsonNode> killed = steps("killed");
    assertEquals(STEPS, killed.size());
    for (int s = 0; s < STEPS; s++) {
      for (String field : List.of("step", "stage", "loss", "grad_norm", "learning_rate", "epoch")) {
        assertEquals(whole.get(s).path(field), killed.get(s).path(field), field + " of step " + s);
      }
    }
    for (String stage : List.of("stages/1-specialized", "stages/2-general")) {
      assertArrayEquals(weights("whole/" + stage), weights("killed/" + stage), stage);
    }
  }

  @Test
  void aStoppedRunGoesOnBitForBit() throws Exception {
    train("whole").succeeds();
    start(1, "stopped");
    run.waitForStep(out("stopped"));
    run.process().destroy(); // SIGTERM
    assertEquals(ExitCode.INTERRUPTED, run.exitCode(), run.log());
    train("stopped").fails(ExitCode.USAGE, "holds checkpoints of a run; --resume auto");
    train("stopped", "--resume", "auto").succeeds();
    assertArrayEquals(weights("whole"), weights("stopped"));
  }

  @ParameterizedTest
  @ValueSource(strings = {ALL_WEIGHTS, ADAPTER})
  void otherNumbersOfRanksGoOnWithTheSameSamplesAndLosses(String trained) throws Exception {
    train("whole", trained).succeeds();
    start(3, "ranks", trained, "training.save_steps=3", "engine.sharding=none");
    runs.killAfterCheckpoint("ranks", 3);
    String[] goesOn = {
      trained, "--resume", "auto", "training.save_steps=3", "engine.sharding=grad_op"
    };
    start(2, "ranks", goesOn);
    runs.killAfterCheckpoint("ranks", 6);
    train("ranks", trained, "--resume", "auto").succeeds();
    List<JsonNode> whole = steps("whole");
    List<JsonNode> ranks = steps("ranks");
    assertEquals(STEPS, ranks.size());
    for (int s = 0; s < STEPS; s++) {
      JsonNode step = ranks.get(s);
      assertEquals(whole.get(s).path("loss").asDouble(), step.path("loss").asDouble(), 1e-5);
      assertEquals(whole.get(s).path("tokens"), step.path("tokens"), "the same samples");
      assertEquals(
          whole.get(s).path("sources").findValues("label_tokens"),
          step.path("sources").findValues("label_tokens"));
    }
  }

  @Test
  void anExportOfTheLastCheckpointIsTheModel() throws Exception {
    train("run", "training.save_steps=6").succeeds();
    Path checkpoints = out("run").resolve(CheckpointFolder.NAME);
    String listed = Dmt.run("checkpoint", "ls", out("run")).succeeds();
    assertTrue(
        listed.contains("step-00000018  step 18 of 18, stage general, epoch 1.00, 1 rank, "),
        listed);
    String verified = Dmt.run("checkpoint", "verify", checkpoints).succeeds();
    assertEquals(2, verified.lines().filter(line -> line.endsWith(": whole")).count(), verified);
    Dmt.run("export", out("run"), "--output", out("exported"), "--dtype", "float32").succeeds();
    assertArrayEquals(weights("run"), weights("exported"));
    for (String file : List.of("config.json", "tokenizer.model", "dmt_template.json")) {
      assertArrayEquals(
          Files.readAllBytes(out("run").resolve(file)),
          Files.readAllBytes(out("exported").resolve(file)),
          file);
    }
    Dmt.run("export", out("run"), "--output", out("exported"))
        .fails(ExitCode.USAGE, "already holds a model");
    Dmt.run("export", out("run"), "--output", recipe, "--overwrite")
        .fails(ExitCode.USAGE, "is a file, expected a folder");
  }

  @Test
  void damageIsNamedAndSkipped() throws Exception {
    train("run", "training.save_steps=6").succeeds();
    Path newest = CheckpointFolder.of(out("run")).of(18);
    Path state = newest.resolve("rank-00000-of-00001.safetensors");
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 4;
    Files.write(state, bytes);
    String said = Dmt.run("checkpoint", "verify", out("run")).out();
    assertTrue(said.contains(state + " is damaged: its SHA-256 is "), said);
    assertEquals(ExitCode.FAILED, Dmt.run("checkpoint", "verify", out("run")).exitCode());
    Dmt.run("export", newest, "--output", out("exported"))
        .fails(ExitCode.USAGE, state + " is damaged");
    train("run", "--resume", newest).fails(ExitCode.USAGE, state + " is damaged");
    Files.delete(
        out("run").resolve("finished.json")); // as if the run had been killed after its last step
    String resumed = train("run", "--resume", "auto").succeeds();
    assertTrue(resumed.contains(state + " is damaged"), resumed);
    assertTrue(resumed.contains("; it is skipped"), resumed);
    assertTrue(resumed.contains("going on after step 12 of 18"), resumed);
  }

  @Test
  void anotherRunIsRefusedAndNothingIsLost() throws Exception {
    train("run", "training.save_steps=6").succeeds();
    byte[] weights = weights("run");
    train("run", "--resume", "auto", "training.learning_rate=2e-3")
        .fails(
            ExitCode.USAGE,
            out("run") + " holds the model of another run, which is finished",
            "training.learning_rate is 0.002, that run had 0.001");
    Files.delete(out("run").resolve("finished.json"));
    train("run", "--resume", "auto", "training.learning_rate=2e-3", "data.eval_fraction=0.2")
        .fails(
            ExitCode.USAGE,
            "is of another run",
            "training.learning_rate is 0.002, the checkpoint's run had 0.001",
            "data.eval_fraction is 0.2, the checkpoint's run had 0.1",
            "tokens_of.code is ");
    assertArrayEquals(weights, weights("run"));
    train("run", "--resume", "auto", "--overwrite").fails(ExitCode.USAGE, "exclude each other");
    train("other", "--resume", out("nowhere"))
        .fails(ExitCode.USAGE, "nowhere is no checkpoint; expected auto, or a folder such as");
    train("other", "--resume", out("run"))
        .fails(
            ExitCode.USAGE,
            "run is no checkpoint",
            "such as " + CheckpointFolder.of(out("run")).of(18));
    assertFalse(Files.exists(out("other/model.safetensors")));
    Dmt.run("checkpoint", "ls", model).fails(ExitCode.USAGE, "holds no checkpoints");
    Dmt.run("checkpoint", "ls", "/").fails(ExitCode.USAGE, "holds no checkpoints");
    train("run", "--overwrite", "training.save_steps=0").succeeds();
    try (Stream<Path> left = Files.list(out("run/checkpoints"))) {
      assertEquals(0, left.count());
    }
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {1, 2})
  void aFullDiskEndsTheRunAndOlderCheckpointsStay(int ranks) throws Exception {
    train("run", "training.save_steps=6").succeeds();
    Path older = CheckpointFolder.of(out("run")).of(12);
    long bytes = Files.size(out("run").resolve("model.safetensors"));
    long kilobytes = bytes / 1024 * 5 / 4; // a rank's state is larger, the model is not
    run =
        runs.start(
            List.of("bash", "-c", "ulimit -f " + kilobytes + "; exec \"$@\"", "dmt"),
            ranks,
            "run",
            List.of("--resume=" + older, "training.save_steps=1"));
    assertEquals(ExitCode.FAILED, run.exitCode(), run.log());
    String checkpoints = out("run/checkpoints").toString();
    assertTrue(
        run.log().contains("the checkpoint of step 13 cannot be written to " + checkpoints),
        run.log());
    assertTrue(run.log().contains("File too large; it needs "), run.log());
    String saved = "; the model as it was when the run ended is whole in " + out("run");
    assertTrue(run.log().contains(saved), run.log());
    assertEquals(List.of(), ModelFolder.faults(out("run")));
    assertFalse(run.log().contains("\tat "), run.log());
    String verified = Dmt.run("checkpoint", "verify", checkpoints).succeeds();
    assertEquals(2, verified.lines().filter(line -> line.endsWith(": whole")).count(), verified);
  }

  @Test
  void withoutACheckpointAutoBeginsAndAFinishedRunIsLeftAlone() throws Exception {
    assertTrue(train("new", "--resume", "auto").succeeds().contains("done after 18 of 18 steps"));
    byte[] weights = weights("new");
    String again = train("new", "--resume", "auto").succeeds();
    assertTrue(again.contains("the run is finished: its model is in " + out("new")), again);
    assertFalse(again.contains("step 18/18"), again);
    Files.delete(out("new").resolve("model.safetensors"));
    Files.delete(out("new").resolve("config.json"));
    train("new", "--resume", "auto").succeeds();
    assertArrayEquals(weights, weights("new"));
  }

  @Test
  void runsWithoutARecipeGoOnToo() throws Exception {
    List<Object> words =
        new ArrayList<>(
            List.of("train", "--model", model, "--data", "math=" + folder.resolve("math.jsonl")));
    words.addAll(List.of("global_train_batch_size=6", "num_train_epochs=2", "threads=1"));
    List<Object> whole = new ArrayList<>(words);
    whole.addAll(List.of("--output", out("whole")));
    Dmt.run(whole.toArray()).succeeds();
    List<Object> parts = new ArrayList<>(words);
    parts.addAll(List.of("--output", out("parts"), "save_steps=5"));
    Dmt.run(parts.toArray()).succeeds();
    Files.delete(out("parts").resolve("model.safetensors"));
    parts.addAll(List.of("--resume", CheckpointFolder.of(out("parts")).of(5)));
    String said = Dmt.run(parts.toArray()).succeeds();
    assertTrue(said.contains("going on after step 5 of "), said);
    assertArrayEquals(weights("whole"), weights("parts"));
    assertEquals(steps("whole").size(), steps("parts").size());
  }
}
