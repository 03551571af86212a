package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.S3Server;
import ai.dmt.TinyModel;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.StepMetrics;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.train.Progress;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose output is a server's bucket: two stages of six steps, a checkpoint after each two. */
@Timeout(300)
class RunStorageTest {
  private static final int SAMPLES = 24;
  private static final long STEPS = 12;

  @TempDir private static Path shared;
  private static S3Server server;
  private static int number;

  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();
  private String name; // of this test's run in the bucket

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start(shared, "models");
    server.useHere();
    TinyModel.write(shared.resolve("model"));
  }

  @AfterAll
  static void end() {
    server.close();
    S3Server.forgetHere();
  }

  @BeforeEach
  void nameRun() {
    name = "runs/" + ++number;
  }

  private Path source(String source) throws IOException {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < SAMPLES; i++) {
      records.append(
          "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(source, i, i * i));
    }
    return Files.writeString(folder.resolve(source + ".jsonl"), records);
  }

  private FineTuning tuning(String output) throws IOException {
    return FineTuning.of(shared.resolve("model"))
        .specialized("math", source("math"))
        .general("chat", source("chat"))
        .strategy(StrategyRecipe.mixedSequential())
        .training(
            each ->
                each.withNumTrainEpochs(1)
                    .withGlobalTrainBatchSize(4)
                    .withLearningRate(2e-3)
                    .withSaveSteps(2))
        .data(each -> each.withCutoffLen(128))
        .output(Path.of(output))
        .build()
        .withListener(
            new RunListener() {
              @Override
              public void onNote(String line) {
                notes.add(line);
              }
            });
  }

  /** On a machine of its own. */
  private FineTuning stored(String machine) throws IOException {
    return tuning("s3://models/" + name).workingIn(folder.resolve(machine));
  }

  private FineTuning local() throws IOException {
    return tuning(folder.resolve("local").toString());
  }

  private Path bucket() {
    return server.bucket("models").resolve(name);
  }

  /** The newest first. A run that is faster than its server leaves some out. */
  private List<String> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(bucket().resolve("checkpoints"))) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  private boolean isWhole(String part) {
    return Files.exists(bucket().resolve(part).resolve("dmt_objects.json"));
  }

  /** Runs until a step, and stops after it. */
  private void runUntil(FineTuning tuning, long step) throws Exception {
    RunHandle[] handle = new RunHandle[1];
    RunListener stopping =
        new RunListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            while (handle[0] == null) {
              Thread.onSpinWait();
            }
            if (progress.step() == step) {
              handle[0].stop();
            }
          }
        };
    try (RunHandle run = tuning.withListener(stopping).start()) {
      handle[0] = run;
      assertFalse(run.await().finished());
    }
  }

  private static List<String> losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve(MetricsFile.NAME)).stream()
        .filter(line -> line.contains("\"type\":\"step\""))
        .map(line -> line.replaceAll("\"(step_ms|[a-z_]*per_s|resident_bytes)\":[^,}]*,?", ""))
        .toList();
  }

  @Test
  void aFinishedRunIsWholeThere() throws Exception {
    RunResult result = stored("a").run();
    assertTrue(result.finished());
    assertTrue(notes.get(0).startsWith("working in " + folder.resolve("a")), notes::toString);
    assertTrue(isWhole("") && isWhole("stages/1-specialized"));
    List<String> checkpoints = checkpoints();
    assertEquals("step-00000012", checkpoints.get(0));
    assertEquals(2, checkpoints.size(), checkpoints::toString);
    assertTrue(checkpoints.stream().allMatch(each -> isWhole("checkpoints/" + each)));
    assertEquals(List.of(), ModelFolder.faults(bucket()));
    assertArrayEquals(
        Files.readAllBytes(result.model().resolve("model.safetensors")),
        Files.readAllBytes(bucket().resolve("model.safetensors")));
    String again = assertThrows(ConfigException.class, () -> stored("b").run()).getMessage();
    assertTrue(again.startsWith("s3://models/" + name + " holds checkpoints of a run"), again);
    notes.clear();
    RunResult elsewhere = stored("b").resuming().run();
    assertEquals(STEPS, elsewhere.end().step());
    assertTrue(
        notes.contains(
            "the run is finished: its model is in s3://models/%s, and nothing is left to do"
                .formatted(name)),
        notes::toString);
    assertEquals(List.of(), CheckpointFolder.of(folder.resolve("b")).steps(), "nothing is fetched");
    assertTrue(stored("c").overwriting().run().finished());
    assertTrue(isWhole(""));
  }

  @Test
  void anotherMachineGoesOnToTheSameBits() throws Exception {
    RunResult whole = local().run();
    runUntil(stored("a"), 7);
    assertTrue(isWhole("checkpoints/step-00000007"));
    RunResult rest = stored("b").resuming().run();
    assertTrue(rest.finished());
    assertTrue(
        notes.contains("fetched the checkpoint of step 7 from s3://models/" + name),
        notes::toString);
    assertEquals(losses(whole.model()), losses(rest.model()));
    assertArrayEquals(
        Files.readAllBytes(whole.model().resolve("model.safetensors")),
        Files.readAllBytes(bucket().resolve("model.safetensors")));
  }

  @Test
  void aDamagedCheckpointIsSkippedAndNoneLeftIsRefused() throws Exception {
    runUntil(stored("a"), 7);
    damage(checkpoints().get(0));
    String older = checkpoints().get(1);
    RunResult rest = stored("b").resuming().run();
    assertTrue(rest.finished());
    assertTrue(
        notes.stream()
            .anyMatch(line -> line.contains("/rank-00000-of-00001.safetensors is damaged")),
        notes::toString);
    assertTrue(
        notes.contains(
            "fetched the checkpoint of step %s from s3://models/%s"
                .formatted(Integer.parseInt(older.substring("step-".length())), name)),
        notes::toString);
    name = name + "-other";
    runUntil(stored("d"), 3);
    for (String each : checkpoints()) {
      damage(each);
    }
    String message =
        assertThrows(CheckpointException.class, () -> stored("c").resuming().run()).getMessage();
    assertEquals(
        "no checkpoint in s3://models/%s is whole; --overwrite begins the run anew".formatted(name),
        message);
    assertFalse(Files.exists(folder.resolve("c")), "nothing has been written");
  }

  /** A disk that forgets is no reason to begin anew, nor to delete what is whole elsewhere. */
  @Test
  void whatIsDamagedHereIsFetched() throws Exception {
    runUntil(stored("a"), 7);
    CheckpointFolder here = CheckpointFolder.of(folder.resolve("a"));
    for (long step : here.steps()) {
      flip(here.of(step).resolve("rank-00000-of-00001.safetensors"));
    }
    assertTrue(stored("a").resuming().run().finished());
    assertTrue(
        notes.contains("fetched the checkpoint of step 7 from s3://models/" + name),
        notes::toString);
    assertTrue(notes.stream().anyMatch(line -> line.startsWith("going on after step 7 ")));
  }

  private void damage(String checkpoint) throws IOException {
    flip(bucket().resolve("checkpoints/" + checkpoint + "/rank-00000-of-00001.safetensors"));
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void aRunOutlivesItsServerAndUploadsLater() throws Exception {
    System.setProperty("aws.maxAttempts", "1");
    RunListener killing =
        new RunListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            if (progress.step() == 5) {
              kill();
            }
          }
        };
    try {
      IOException e =
          assertThrows(IOException.class, () -> stored("a").withListener(killing).run());
      assertTrue(e.getMessage().contains("its files are whole in " + folder.resolve("a")));
      assertTrue(notes.stream().anyMatch(line -> line.contains(" is not uploaded, and is tried")));
      assertFalse(isWhole(""));
      assertTrue(RunFolder.isFinished(folder.resolve("a")));
    } finally {
      server.restart();
      System.clearProperty("aws.maxAttempts");
    }
    assertTrue(stored("a").resuming().run().finished());
    assertTrue(isWhole("") && isWhole("stages/1-specialized"));
    assertTrue(isWhole("checkpoints/step-00000012"));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a/model.safetensors")),
        Files.readAllBytes(bucket().resolve("model.safetensors")));
  }

  private static void kill() {
    try {
      server.kill();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsWrongIsToldBeforeTraining() throws Exception {
    assertTold("s3://nothing/x", "cannot list objects of s3://nothing/x: there is no such bucket");
    System.setProperty("aws.secretAccessKey", "wrong");
    assertTold("s3://models/x", "the server says 403 SignatureDoesNotMatch");
    System.clearProperty("aws.secretAccessKey");
    System.clearProperty("aws.accessKeyId");
    assertTold("s3://models/x", "there are no credentials; set AWS_ACCESS_KEY_ID");
    server.useHere();
    System.setProperty("aws.endpointUrl", "http://127.0.0.1:1");
    assertTold("s3://models/x", "no server answers at its endpoint");
    server.useHere();
    ConfigException none = assertThrows(ConfigException.class, () -> tuning("s3://models/x").run());
    assertTrue(none.getMessage().contains("needs a folder to work in"), none.getMessage());
  }

  private void assertTold(String output, String expected) {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> tuning(output).workingIn(folder.resolve("untouched")).run());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertFalse(e.getMessage().contains(S3Server.SECRET));
    assertFalse(Files.exists(folder.resolve("untouched")));
  }

  /** A machine that was cut off, and whose run goes on elsewhere, can no longer write there. */
  @Test
  void theRunThatBeganLastGoesOn() throws Exception {
    RunListener other =
        new RunListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            if (progress.step() == 5) {
              try {
                Files.writeString(
                    bucket().resolve("dmt_run.json"),
                    "{\"run\": \"x\", \"pid\": 7, \"host\": \"there\", \"since\": \"now\"}");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    IOException e = assertThrows(IOException.class, () -> stored("a").withListener(other).run());
    assertTrue(
        e.getMessage().contains("is taken over by another run, process 7 of there since now"),
        e.getMessage());
    assertFalse(isWhole(""));
  }

  /** What was begun and never listed is nobody's checkpoint, and goes with the next one. */
  @Test
  void halvesAreNotSeen() throws Exception {
    Path half = bucket().resolve("checkpoints/step-00000099");
    Files.createDirectories(half);
    Files.writeString(half.resolve("manifest.json"), "{}");
    assertTrue(stored("a").resuming().run().finished());
    assertFalse(Files.exists(half.resolve("manifest.json")));
    assertEquals(
        List.of(12L, 10L), CheckpointFolder.of(folder.resolve("a")).steps(), "as in the folder");
  }
}
