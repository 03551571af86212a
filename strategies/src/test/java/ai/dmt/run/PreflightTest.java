package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SmallDisk;
import ai.dmt.TinyModel;
import ai.dmt.config.ConfigException;
import ai.dmt.dist.ProcessGroups;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.Interconnect;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.Machine;
import ai.dmt.plan.Speed;
import ai.dmt.plan.SpeedFile;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.checkpoint.CheckpointConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would fail late is found before a run, and what is found changes nothing. */
@Timeout(120)
class PreflightTest {
  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("new/out");
  }

  private Path rows(String name, int rows, String answer) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      text.append(
          "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(name, i, answer + i));
    }
    return Files.writeString(folder.resolve(name + ".jsonl"), text);
  }

  private FineTuning tuning() throws IOException {
    return FineTuning.of(model)
        .specialized("math", rows("math", 24, "it is "))
        .general("chat", rows("chat", 24, "so "))
        .strategy(StrategyRecipe.mixedSequential())
        .training(
            each ->
                each.withNumTrainEpochs(1)
                    .withGlobalTrainBatchSize(4)
                    .withMaxTokensPerMicroBatch(128) // several of them a step
                    .withLearningRate(2e-3))
        .data(each -> each.withCutoffLen(128).withEvalFraction(0.2))
        .output(output)
        .build();
  }

  private List<Path> left() throws IOException {
    if (!Files.isDirectory(output)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(output)) {
      return files.toList();
    }
  }

  @Test
  void whatIsFoundIsSaidAndNothingStays() throws IOException {
    List<String> notes = new ArrayList<>();
    PreflightReport report =
        tuning()
            .withListener(
                new RunListener() {
                  @Override
                  public void onNote(String line) {
                    notes.add(line);
                  }
                })
            .preflight()
            .orElseThrow();
    assertEquals(report.lines(), notes);
    assertTrue(report.microBatchTokens() > 50, report.toString());
    assertTrue(report.evaluatedTokens() > 20, report.toString());
    assertEquals(report.planned().weights(), report.held().weights());
    assertTrue(report.held().total() <= 1.1 * report.planned().total(), report.toString());
    assertTrue(report.held().total() >= 0.7 * report.planned().total(), report.toString());
    long weights = report.held().weights();
    assertTrue(report.modelBytes() > weights && report.modelBytes() < weights + 100_000);
    assertTrue(report.checkpointBytes() > 3 * weights && report.checkpointBytes() < 4 * weights);
    assertEquals(2, report.disk().models());
    assertEquals(1, report.disk().checkpoints());
    assertFalse(Files.exists(output.getParent()), "a folder was left");
  }

  /** A machine that is said to be slow: twelve steps are planned to take hours. */
  private Path slow() throws IOException {
    Path speeds = folder.resolve("speeds");
    double rate = 1000;
    Speed speed =
        new Speed(
            rate, rate, rate, rate, rate, 1, new Interconnect(1e9, 1e9, 1e9, 0), false, "", true);
    EngineConfig config = tuning().recipe().engine().engineConfig(List.of("math", "chat"));
    new SpeedFile(speeds, Machine.CPU, ModelInfo.shape(model), config).write(speed);
    return speeds;
  }

  private byte[] trained(boolean first) throws IOException {
    try (PreparedSchedule prepared =
        PreparedSchedule.of(
            tuning().recipe(),
            RunOutput.of(output),
            RunStart.FRESH,
            CacheUse.none(),
            config -> {})) {
      ScheduleRun run = new ScheduleRun(prepared);
      run.compareWithSpeeds(slow());
      if (first) {
        run.beginWithPreflightIfLong();
      }
      assertTrue(run.run().finished());
    }
    assertEquals(first, Files.exists(output.resolve("preflight.json")));
    assertFalse(Files.exists(output.resolve(".preflight")));
    return Files.readAllBytes(output.resolve("model.safetensors"));
  }

  private static String withoutTimes(Path metrics) throws IOException {
    return Files.readString(metrics)
        .replaceAll("\"[a-z_]*(seconds|per_s|time|ms|resident_bytes)[a-z_]*\":[^,}]*", "");
  }

  @Test
  void aLongRunBeginsWithItAndHasTheSameBits() throws IOException {
    byte[] with = trained(true);
    String metrics = withoutTimes(output.resolve("metrics.jsonl"));
    assertTrue(Files.readString(output.resolve("preflight.json")).contains("\"needed\""));
    output = folder.resolve("other");
    assertArrayEquals(trained(false), with);
    assertEquals(withoutTimes(output.resolve("metrics.jsonl")), metrics);
  }

  @Test
  void aShortRunBeginsAtOnce() throws IOException {
    try (PreparedSchedule prepared =
        PreparedSchedule.of(
            tuning().recipe(),
            RunOutput.of(output),
            RunStart.FRESH,
            CacheUse.none(),
            config -> {})) {
      ScheduleRun run = new ScheduleRun(prepared);
      run.beginWithPreflightIfLong();
      assertTrue(run.run().finished());
    }
    assertFalse(Files.exists(output.resolve("preflight.json")));
  }

  /** A tmpfs that has room for both models, and not for the checkpoints. */
  @Test
  void aDiskThatIsTooSmallIsToldWithBytes() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), "9m")) {
      output = disk.folder().resolve("out");
      FineTuning tuning =
          FineTuning.of(
              tuning().recipe().withTraining(tuning().recipe().training().withSaveSteps(1)));
      ConfigException e = assertThrows(ConfigException.class, tuning::preflight);
      String message = e.getMessage();
      assertTrue(message.startsWith("preflight: " + output + " on tmpfs (tmpfs) has "), message);
      assertTrue(message.contains("2 models of") && message.contains("3 checkpoints of"), message);
      assertTrue(message.contains(" bytes needed, "), message);
      assertTrue(message.contains("name another output_dir"), message);
      assertFalse(Files.exists(output));
    }
  }

  @ParameterizedTest(name = "{0} steps, saved every {1}, {2} kept: {3}")
  @CsvSource({"100, 0, 2, 1", "100, 500, 2, 1", "100, 50, 2, 2", "100, 10, 2, 3", "100, 100, 5, 1"})
  void checkpointsAtATime(long steps, long every, int kept, long expected) {
    assertEquals(expected, DiskDemand.checkpoints(steps, new CheckpointConfig(every, kept, true)));
  }

  /** Of 400 layers, whose activations for all of a step take more than machines have. */
  @Test
  void aMicroBatchThatDoesNotFitIsToldWithAdvice() throws IOException {
    Path deep = folder.resolve("deep");
    try (NativeEngine engine =
        NativeEngine.create(
            ModelConfig.llama(512, 32, 64, 400, 4, 2, 512), 1, EngineConfig.inference())) {
      engine.save(deep, DType.FLOAT32);
    }
    Files.copy(model.resolve("tokenizer.model"), deep.resolve("tokenizer.model"));
    model = deep;
    FineTuning tuning =
        FineTuning.of(model)
            .specialized("long", rows("long", 512, "many words come here ".repeat(80)))
            .training(
                each -> each.withGlobalTrainBatchSize(512).withMaxTokensPerMicroBatch(1 << 20))
            .data(each -> each.withCutoffLen(512))
            .output(output)
            .build();
    String message = assertThrows(EngineException.class, tuning::preflight).getMessage();
    assertTrue(
        message.startsWith("preflight: ") && message.contains(" a micro-batch of "), message);
    assertTrue(message.contains("fewer max_tokens_per_micro_batch take less"), message);
    assertEquals(List.of(), left());
  }

  /** The step itself has a loss, and makes weights of which nothing can be computed. */
  @Test
  void aHeldOutLossThatIsNotFiniteAfterAStepIsTold() throws IOException {
    Recipe recipe = tuning().recipe();
    FineTuning tuning =
        FineTuning.of(recipe.withTraining(recipe.training().withLearningRate(1e30)));
    String message = assertThrows(EngineException.class, tuning::preflight).getMessage();
    assertTrue(
        message.startsWith(
            "preflight: the held-out loss of source \"math\" is NaN; look at its held-out rows, the"
                + " learning rate and the model's weights; "),
        message);
    assertTrue(message.endsWith("nothing was trained, and " + output + " is as it was"), message);
    assertFalse(Files.exists(output));
  }

  @Test
  void severalRanksDoItTogether() throws Exception {
    int port = RankEnvironment.freePort();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<PreflightReport>> ranks = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        RunRank place =
            new RunRank(
                new RankEnvironment(rank, rank, 2, 2, "127.0.0.1", port),
                new ProcessGroups.Timeouts(Duration.ofSeconds(60), Duration.ofSeconds(60)));
        FineTuning tuning =
            FineTuning.of(
                    tuning()
                        .recipe()
                        .withTraining(
                            tuning()
                                .recipe()
                                .training()
                                .withMaxTokensPerMicroBatch(TrainingRecipe.AUTO)))
                .withRank(place);
        ranks.add(threads.submit(() -> tuning.preflight().orElseThrow()));
      }
      PreflightReport first = ranks.get(0).get();
      assertEquals(first.checkpointBytes(), ranks.get(1).get().checkpointBytes());
      assertFalse(Files.exists(output));
    } finally {
      threads.shutdownNow();
    }
  }
}
