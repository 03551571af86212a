package ai.dmt.train.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Checksums;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Mixture;
import ai.dmt.train.Packing;
import ai.dmt.train.Portion;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleTrainer;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.Stage;
import ai.dmt.train.StageSettings;
import ai.dmt.train.TrainingListener;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of two stages with 4 and 3 steps; the fake engine's state is one file. */
@Tag("jackson")
class CheckpointTest {
  private static final ModelConfig MODEL = ModelConfig.llama(20, 8, 8, 1, 2, 2, 32);
  private static final EngineConfig ENGINE =
      EngineConfig.defaults().withSources(List.of("math", "code"));
  private static final List<Source> SOURCES = List.of(source("math", 16), source("code", 12));
  private static final ScheduleTraining SETTINGS =
      new ScheduleTraining(
          new BatchConfig(4, 16, 8),
          Packing.BEST_FIT,
          1,
          LearningRateConfig.constant(1e-2),
          0,
          Duration.ZERO);
  private static final RunIdentity RUN = new RunIdentity(Map.of("rate", "0.01"));

  @TempDir private Path output;
  private final List<String> log = new ArrayList<>();

  private static Source source(String name, int samples) {
    List<EncodedSample> encoded = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      int[] tokens = {1, 2 + i % 17, 3, 4 + i % 13};
      encoded.add(
          new EncodedSample(
              name + i, Origin.UNKNOWN, tokens, new boolean[] {false, true, true, true}));
    }
    return new Source(name, encoded);
  }

  private static Schedule schedule() {
    StageSettings once = StageSettings.paper().withEpochs(1);
    return Schedule.of(
        42,
        new Stage("math", Mixture.of(List.of(Portion.fraction("math", 1))), once),
        new Stage("code", Mixture.of(List.of(Portion.fraction("code", 1))), once));
  }

  private CheckpointFolder folder() {
    return CheckpointFolder.of(output);
  }

  private Progress train(FakeEngine engine, CheckpointConfig config, Progress from, long stopAt) {
    ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
    trainer.addListener(
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            if (progress.step() == stopAt) {
              trainer.cancel();
            }
          }
        });
    trainer.keepWith(
        new CheckpointWriter(
            engine,
            folder(),
            config,
            new CheckpointWriter.RunFacts(
                RUN,
                Map.of("test", "1"),
                saving -> Files.writeString(saving.resolve("recipe.yaml"), "name: x\n")),
            from));
    return trainer.train(schedule(), SOURCES, List.of(), from);
  }

  private Progress trainWhole(CheckpointConfig config, long stopAt) {
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      return train(engine, config, Progress.start(0), stopAt);
    }
  }

  private byte[] model(FakeEngine engine) throws IOException {
    Path folder = output.resolve("model-" + System.nanoTime());
    engine.save(folder, DType.FLOAT32);
    return Files.readAllBytes(folder.resolve("model.fake"));
  }

  private Resumption resumption(FakeEngine engine) {
    return new Resumption(engine, RUN, log::add);
  }

  @Test
  void aRunGoesOnFromEveryStepAsIfItHadNotStopped() throws IOException {
    byte[] unbroken;
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      train(engine, new CheckpointConfig(1, 99, true), Progress.start(0), -1);
      unbroken = model(engine);
    }
    assertEquals(List.of(7L, 6L, 5L, 4L, 3L, 2L, 1L), folder().steps());
    for (long step : folder().steps()) {
      try (FakeEngine engine = FakeEngine.create(MODEL, 99, ENGINE)) {
        Progress from = resumption(engine).from(folder().of(step));
        assertEquals(step, from.step());
        assertEquals(step <= 4 ? "math" : "code", from.stage().name());
        ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
        Progress end = trainer.train(schedule(), SOURCES, List.of(), from);
        assertTrue(end.finished());
        assertEquals(7 * 4 * 3, end.labelTokens());
        assertEquals("code", end.stage().name());
        assertArrayEquals(unbroken, model(engine), "after step " + step);
      }
    }
  }

  @Test
  void onlyTheNewestAreKept() throws IOException {
    for (boolean async : new boolean[] {true, false}) {
      trainWhole(new CheckpointConfig(2, 2, async), -1);
      assertEquals(List.of(6L, 4L), folder().steps());
      try (Stream<Path> files = Files.list(folder().root())) {
        assertEquals(2, files.count(), "nothing unfinished is left");
      }
      folder().clear();
      assertEquals(List.of(), folder().steps());
    }
  }

  @Test
  void aStopIsACheckpointWhateverTheInterval() throws IOException {
    Progress end = trainWhole(new CheckpointConfig(0, 2, true), 3);
    assertEquals(3, end.step());
    assertEquals(List.of(3L), folder().steps());
    assertEquals(List.of(), Checkpoint.open(folder().of(3)).faults());
  }

  @Test
  void filesAreInTheFormOfSha256sum() throws Exception {
    trainWhole(new CheckpointConfig(4, 2, true), -1);
    Process check =
        new ProcessBuilder("sha256sum", "--strict", "-c", Checksums.NAME)
            .directory(folder().of(4).toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, check.waitFor(), said);
    for (String file : List.of("manifest.json", "recipe.yaml", "rank-00000-of-00001.safetensors")) {
      assertTrue(said.contains(file + ": OK"), said);
    }
  }

  @Test
  void aFlippedBitInAnyFileIsFoundAndTheOlderCheckpointTaken() throws IOException {
    trainWhole(new CheckpointConfig(2, 2, true), -1);
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder().of(6))) {
      files = listed.toList();
    }
    assertEquals(4, files.size());
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      for (int place : new int[] {0, whole.length / 3, whole.length / 2, whole.length - 1}) {
        for (int bit : new int[] {0, 5}) { // bit 5 turns a small letter into a capital
          byte[] damaged = whole.clone();
          damaged[place] ^= (byte) (1 << bit);
          Files.write(file, damaged);
          String where = "%s, byte %s, bit %s".formatted(file.getFileName(), place, bit);
          log.clear();
          try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
            assertEquals(4, resumption(engine).fromNewest(folder()).orElseThrow().step(), where);
            assertTrue(log.get(0).contains("; it is skipped"), log.get(0));
            assertTrue(log.get(0).contains(folder().of(6).toString()), log.get(0));
            CheckpointException e =
                assertThrows(
                    CheckpointException.class,
                    () -> resumption(engine).from(folder().of(6)),
                    where);
            assertTrue(e.getMessage().contains(folder().of(6).toString()), e.getMessage());
          }
        }
      }
      Files.write(file, whole);
    }
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    trainWhole(new CheckpointConfig(4, 2, true), -1);
    Path file = folder().of(4).resolve("rank-00000-of-00001.safetensors");
    Files.delete(file);
    assertEquals(List.of(file + " is missing"), Checkpoint.open(folder().of(4)).faults());
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      assertTrue(resumption(engine).fromNewest(folder()).isEmpty());
    }
  }

  @Test
  void whatAKilledProcessLeftIsNoCheckpointAndGoesAway() throws IOException {
    Path saving = Files.createDirectories(folder().root().resolve(".step-00000009.saving"));
    Files.writeString(saving.resolve("rank-00000-of-00001.safetensors.tmp"), "half");
    Files.createDirectories(folder().root().resolve(".step-00000001.deleting"));
    assertEquals(List.of(), folder().steps());
    trainWhole(new CheckpointConfig(4, 2, true), -1);
    try (Stream<Path> files = Files.list(folder().root())) {
      assertEquals(List.of(folder().of(4)), files.toList());
    }
  }

  @Test
  void checkpointsOfLaterStepsAreThoseOfAnotherTryAndGoAway() throws IOException {
    trainWhole(new CheckpointConfig(2, 9, true), -1);
    Path last = folder().of(6).resolve("manifest.json");
    Files.writeString(last, "{}"); // so a run goes on after step 4
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Progress from = resumption(engine).fromNewest(folder()).orElseThrow();
      train(engine, new CheckpointConfig(5, 9, true), from, -1);
    }
    assertEquals(List.of(5L, 4L, 2L), folder().steps());
  }

  @Test
  void anotherRunIsRefusedWithWhatDiffers() throws IOException {
    trainWhole(new CheckpointConfig(4, 2, true), -1);
    RunIdentity other = new RunIdentity(Map.of("rate", "0.02", "seed", "1"));
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Resumption resumption = new Resumption(engine, other, log::add);
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> resumption.fromNewest(folder()));
      assertEquals(
          folder().of(4)
              + " is of another run:\n"
              + "  rate is 0.02, the checkpoint's run had 0.01\n"
              + "  seed is 1, the checkpoint's run had not set",
          e.getMessage());
    }
  }

  @Test
  void aCheckpointThatCannotBeWrittenEndsTheRunAndLeavesTheOlderOnes() throws IOException {
    trainWhole(new CheckpointConfig(2, 2, true), 2);
    Files.writeString(folder().root().resolve(".step-00000004.saving"), "in the way");
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Progress from = resumption(engine).fromNewest(folder()).orElseThrow();
      EngineException e =
          assertThrows(
              EngineException.class,
              () -> train(engine, new CheckpointConfig(2, 2, true), from, -1));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "the checkpoint of step 4 cannot be written to %s, older ones are as they were: "
                      .formatted(folder().root())),
          e.getMessage());
    }
    assertEquals(List.of(2L), folder().steps());
    assertEquals(List.of(), Checkpoint.open(folder().of(2)).faults());
  }

  @Test
  void identityNamesTheLeavesOfATree() throws IOException {
    RunIdentity identity =
        RunIdentity.of(
            new ObjectMapper().readTree("{\"a\": {\"b\": [1, {\"c\": \"x\"}]}, \"d\": true}"));
    assertEquals(Map.of("a.b[0]", "1", "a.b[1].c", "x", "d", "true"), identity.values());
  }

  @Test
  void digestsTellSamplesApart() {
    String digest = RunIdentity.digest(SOURCES.get(0));
    assertEquals(digest, RunIdentity.digest(source("math", 16)));
    assertFalse(digest.equals(RunIdentity.digest(source("math", 15))));
  }
}
