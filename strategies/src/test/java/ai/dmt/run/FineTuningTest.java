package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.config.ConfigException;
import ai.dmt.data.Conversation;
import ai.dmt.data.Turn;
import ai.dmt.engine.Device;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.StepMetrics;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Sha256;
import ai.dmt.model.Model;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FineTuningTest {
  private static final int SAMPLES = 24;
  private static final long STEPS = 12; // 24 samples by 4, then 24 general ones

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
  }

  private Path source(String name) throws IOException {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < SAMPLES; i++) {
      records.append("{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(name, i, i * i));
    }
    return Files.writeString(folder.resolve(name + ".jsonl"), records);
  }

  private FineTuning tuning(String output) throws IOException {
    return FineTuning.of(model)
        .specialized("math", source("math"))
        .general("chat", source("chat"))
        .strategy(StrategyRecipe.mixedSequential())
        .training(
            each -> each.withNumTrainEpochs(1).withGlobalTrainBatchSize(4).withLearningRate(2e-3))
        .data(each -> each.withCutoffLen(128))
        .output(folder.resolve(output))
        .build();
  }

  /** Notes what it is told. */
  private static final class Noting implements RunListener {
    private final List<String> seen = new ArrayList<>();

    @Override
    public void onPlanned(Ledger ledger) {
      seen.add("planned");
    }

    @Override
    public void onEngine(EngineFacts facts) {
      seen.add("engine");
    }

    @Override
    public void onSaved(Path saved, MemoryAccount memory) {
      seen.add("saved");
    }

    @Override
    public void onError(Throwable failure) {
      seen.add(failure.getClass().getSimpleName());
    }
  }

  @Test
  void aRunLeavesAModelThatAnswers() throws Exception {
    Noting listener = new Noting();
    FineTuning tuning = tuning("out").withListener(listener);
    try (RunHandle run = tuning.start()) {
      RunResult result = run.join();
      assertTrue(result.finished());
      assertEquals(STEPS, result.end().step());
      assertEquals(STEPS, run.progress().orElseThrow().step());
      assertEquals(result.ledger(), run.ledger().orElseThrow());
      assertTrue(run.hasEnded());
      List<Conversation> question = List.of(Conversation.of(Turn.user("math 3?")));
      try (Model tuned = Model.open(result.model())) {
        assertEquals(1, tuned.answers(question, GenerationConfig.greedy(4)).size());
        assertEquals("vicuna_v1.1", tuned.template().name());
        assertEquals(List.of(), tuned.notices());
      }
    }
    assertEquals(List.of("planned", "engine", "saved"), listener.seen);
  }

  @Test
  void cancelledRunSavesAndGoesOnToTheSameBits() throws Exception {
    RunResult whole = tuning("whole").run();
    try (RunHandle run = tuning("parts").withListener(new Slow()).start()) {
      while (run.progress().map(Progress::step).orElse(0L) < 3) {
        Thread.sleep(1);
      }
      assertTrue(run.cancel(true));
      assertTrue(run.isCancelled());
      assertThrows(CancellationException.class, run::join);
      run.awaitEnd();
      assertTrue(run.progress().orElseThrow().step() < STEPS);
    }
    RunResult rest = tuning("parts").resuming().run();
    assertTrue(rest.finished());
    assertArrayEquals(weights(whole), weights(rest));
  }

  /** A run with auto leaves its number and the reason; one that goes on keeps the number. */
  @Test
  void aMicroBatchIsChosenOnceForARun() throws Exception {
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void onNote(String line) {
            notes.add(line);
          }
        };
    FineTuning auto =
        FineTuning.of(
                tuning("auto")
                    .recipe()
                    .withTraining(
                        tuning("auto")
                            .recipe()
                            .training()
                            .withMaxTokensPerMicroBatch(TrainingRecipe.AUTO)))
            .withListener(listener);
    try (RunHandle run = auto.withListener(new Slow()).start()) {
      while (run.progress().map(Progress::step).orElse(0L) < 3) {
        Thread.sleep(1);
      }
    }
    Path output = folder.resolve("auto");
    int chosen =
        RecipeReader.read(RunFolder.recipeFile(output), List.of())
            .training()
            .maxTokensPerMicroBatch();
    assertTrue(chosen >= 128, "a whole sample fits: " + chosen);
    String plan = Files.readString(output.resolve("plan.json"));
    assertTrue(plan.contains("\"chosen\" : " + chosen) && plan.contains("\"because\""), plan);
    assertTrue(
        notes.get(0).startsWith("max_tokens_per_micro_batch=" + chosen + " (auto): the smallest"),
        notes::toString);
    Path checkpoint = CheckpointFolder.of(output).of(CheckpointFolder.of(output).steps().get(0));
    Path saved = checkpoint.resolve(ScheduleRun.RECIPE_FILE);
    Files.writeString( // as if the machine had been another one then
        saved,
        Files.readString(saved)
            .replace("max_tokens_per_micro_batch: " + chosen, "max_tokens_per_micro_batch: 131"));
    sealAgain(checkpoint);
    notes.clear();
    assertTrue(auto.resuming().run().finished());
    assertEquals(
        131,
        RecipeReader.read(RunFolder.recipeFile(output), List.of())
            .training()
            .maxTokensPerMicroBatch());
    assertTrue(notes.get(0).contains("=131 (auto): the run has had it"), notes::toString);
    assertTrue(auto.resuming().run().finished(), "nothing is left to do");
    assertEquals(
        131,
        RecipeReader.read(RunFolder.recipeFile(output), List.of())
            .training()
            .maxTokensPerMicroBatch());
  }

  /** Writes the checksums of a checkpoint whose files were changed. */
  private static void sealAgain(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(Checksums.NAME);
    String sums = Files.readString(file);
    Path recipe = checkpoint.resolve(ScheduleRun.RECIPE_FILE);
    Files.writeString(
        file, sums.replaceAll("[0-9a-f]{64}(\\s+\\*?recipe\\.yaml)", Sha256.of(recipe) + "$1"));
  }

  /** Leaves time to be stopped. */
  private static final class Slow implements RunListener {
    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static byte[] weights(RunResult result) throws IOException {
    return Files.readAllBytes(result.model().resolve("model.safetensors"));
  }

  @Test
  void stoppedRunCompletesWithAResultThatSaysSo() throws Exception {
    try (RunHandle run = tuning("out").withListener(new Slow()).start()) {
      while (run.progress().map(Progress::step).orElse(0L) < 2) {
        Thread.sleep(1);
      }
      run.stop();
      RunResult result = run.get(60, TimeUnit.SECONDS);
      assertFalse(result.finished());
      assertTrue(Files.exists(result.model().resolve("model.safetensors")));
    }
  }

  @Test
  void aListenerMayCloseItsRun() throws Exception {
    CompletableFuture<RunHandle> started = new CompletableFuture<>();
    RunListener closing =
        new RunListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            started.join().close();
          }
        };
    RunHandle run = tuning("out").withListener(closing).start();
    started.complete(run);
    RunResult result = run.get(60, TimeUnit.SECONDS);
    assertEquals(1, result.end().step());
  }

  @Test
  void aListenerThatFailsHidesNoFailure() throws IOException {
    IllegalStateException own = new IllegalStateException("of the listener");
    RunListener failing =
        new RunListener() {
          @Override
          public void onError(Throwable failure) {
            throw own;
          }
        };
    FineTuning tuning =
        FineTuning.of(model)
            .general("chat", folder.resolve("nothing.jsonl"))
            .output(folder.resolve("out"))
            .build()
            .withListener(failing);
    ConfigException thrown = assertThrows(ConfigException.class, tuning::run);
    assertSame(own, thrown.getSuppressed()[0]);
  }

  @Test
  void aFailureReachesTheStageAndTheListener() throws Exception {
    Noting listener = new Noting();
    FineTuning tuning =
        FineTuning.of(model)
            .general("chat", folder.resolve("nothing.jsonl"))
            .output(folder.resolve("out"))
            .build()
            .withListener(listener);
    try (RunHandle run = tuning.start()) {
      CompletionException thrown = assertThrows(CompletionException.class, run::join);
      ConfigException cause = assertInstanceOf(ConfigException.class, thrown.getCause());
      assertTrue(cause.getMessage().contains("nothing.jsonl"), cause::getMessage);
    }
    assertEquals(List.of("ConfigException"), listener.seen);
    assertThrows(ConfigException.class, tuning::run);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void anOutputIsNeededThatIsNotTheModelsOwn() throws IOException {
    FineTuningBuilder builder = FineTuning.of(model).general("chat", source("chat"));
    assertThrows(ConfigException.class, builder::build);
    byte[] base = Files.readAllBytes(model.resolve("model.safetensors"));
    FineTuning onItself = builder.output(model.resolve("../model")).build().overwriting();
    ConfigException thrown = assertThrows(ConfigException.class, onItself::run);
    assertTrue(
        thrown.getMessage().contains("the folder of the model that the run starts from"),
        thrown::getMessage);
    assertArrayEquals(base, Files.readAllBytes(model.resolve("model.safetensors")));
  }

  @Test
  void aFinishedRunIsNotMadeAgain() throws Exception {
    RunResult first = tuning("out").run();
    byte[] weights = weights(first);
    RunResult again = tuning("out").resuming().run();
    assertTrue(again.finished());
    assertEquals(first.end().step(), again.end().step());
    assertEquals(first.end().tokens(), again.end().tokens());
    EngineRecipe onGpu = tuning("out").recipe().engine().withDevice(Device.CUDA);
    FineTuning noEngine = FineTuning.of(tuning("out").recipe().withEngine(onGpu)).resuming();
    assertEquals(first.end().step(), noEngine.run().end().step()); // wherever there is no GPU, too
    FineTuning other = FineTuning.of(tuning("out").recipe().withTraining(again(3e-3))).resuming();
    ConfigException thrown = assertThrows(ConfigException.class, other::run);
    assertTrue(thrown.getMessage().contains("learning_rate is 0.003"), thrown::getMessage);
    for (String damaged : List.of("{", "{}", "[]")) {
      Path file = Files.writeString(folder.resolve("out/finished.json"), damaged);
      FineTuning resuming = tuning("out").resuming();
      String message = assertThrows(ConfigException.class, resuming::run).getMessage();
      assertTrue(message.startsWith(file + " is damaged; delete it"), message);
    }
    assertArrayEquals(weights, weights(first));
  }

  private TrainingRecipe again(double learningRate) throws IOException {
    return tuning("out").recipe().training().withLearningRate(learningRate);
  }

  @Test
  void aRunThatIsStoppedBeforeItsFirstStepSavesNoModel() throws Exception {
    RunHandle run = tuning("out").start();
    run.close();
    RunResult result = run.await();
    assertEquals(0, result.end().step());
    assertFalse(Files.exists(result.model().resolve("model.safetensors")));
    assertTrue(tuning("out").resuming().run().finished());
  }

  @Test
  void awaitThrowsWhatTheRunFailedOf() throws Exception {
    FineTuning tuning =
        FineTuning.of(model)
            .general("chat", folder.resolve("nothing.jsonl"))
            .output(folder.resolve("out"))
            .build();
    try (RunHandle run = tuning.start()) {
      ConfigException thrown = assertThrows(ConfigException.class, run::await);
      assertTrue(thrown.getMessage().contains("nothing.jsonl"), thrown::getMessage);
    }
  }

  @Test
  void aLogSaysWhatHappens() throws IOException {
    StringWriter text = new StringWriter();
    tuning("out").withListener(new RunLog(new PrintWriter(text), 5)).run();
    List<String> lines = text.toString().lines().toList();
    assertEquals("stage 1 of 2: specialized, 6 steps", lines.get(0), text::toString);
    assertTrue(lines.get(1).startsWith("step 5/12 "), text::toString);
    assertTrue(lines.get(lines.size() - 2).startsWith("step 12/12 "), text::toString);
    assertTrue(lines.get(lines.size() - 1).startsWith("done after 12 of 12 steps"), text::toString);
  }
}
