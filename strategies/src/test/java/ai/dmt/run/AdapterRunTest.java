package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.data.Conversation;
import ai.dmt.data.Turn;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.StepMetrics;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.internal.files.Disk;
import ai.dmt.model.Model;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.train.Progress;
import ai.dmt.train.StageSettings.NextAdapter;
import ai.dmt.train.StageSettings.OptimizerState;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that train an adapter: two stages of 6 steps. */
@Tag("native")
@Timeout(120)
class AdapterRunTest {
  private static final int SAMPLES = 24;
  private static final long STEPS = 12;

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

  private FineTuningBuilder builder(Path start, String output) throws IOException {
    return FineTuning.of(start)
        .specialized("math", source("math"))
        .general("chat", source("chat"))
        .strategy(StrategyRecipe.mixedSequential())
        .training(
            each ->
                each.withNumTrainEpochs(1)
                    .withGlobalTrainBatchSize(4)
                    .withLearningRate(2e-3)
                    .withSaveSteps(1)
                    .withSaveTotalLimit(20))
        .data(each -> each.withCutoffLen(128))
        .output(folder.resolve(output));
  }

  private FineTuning tuning(String output, UnaryOperator<AdapterRecipe> adapter)
      throws IOException {
    return builder(model, output)
        .adapter(each -> adapter.apply(each.withRank(4).withDropout(0.1)))
        .build();
  }

  private static byte[] weights(Path adapter) throws IOException {
    return Files.readAllBytes(adapter.resolve(AdapterFolder.WEIGHTS));
  }

  private static float[] logits(Path model) {
    try (NativeEngine engine = NativeEngine.open(model, EngineConfig.inference())) {
      return engine.logits(MicroBatch.of(new int[] {1, 7, 9, 30}, new int[] {7, 9, 30, 2}));
    }
  }

  @Test
  void aRunLeavesAnAdapterThatAnswers() throws IOException {
    RunResult result = tuning("out", each -> each).run();
    assertTrue(result.finished());
    assertEquals(STEPS, result.end().step());
    AdapterFolder adapter = AdapterFolder.read(result.model());
    assertEquals(model.toAbsolutePath(), adapter.base());
    assertFalse(Files.exists(result.model().resolve("config.json")));
    String card = Files.readString(result.model().resolve("README.md"));
    assertTrue(card.startsWith("---\nlibrary_name: peft\n"), card);
    assertTrue(card.contains("base_model_relation: adapter\n"), card);
    assertEquals(512, ModelInfo.read(result.model()).vocabSize());
    List<Conversation> question = List.of(Conversation.of(Turn.user("math 3?")));
    try (Model tuned = Model.open(result.model())) {
      assertEquals(1, tuned.answers(question, GenerationConfig.greedy(4)).size());
      assertEquals("vicuna_v1.1", tuned.template().name());
      assertEquals(List.of(), tuned.notices());
    }
    assertTrue(tuning("out", each -> each).resuming().run().finished(), "nothing is left to do");
  }

  @ParameterizedTest
  @EnumSource(NextAdapter.class)
  void theNextStageBeginsWithWhatItIsTold(NextAdapter next) throws IOException {
    Path out = tuning("out", each -> each.withStages(next)).run().model();
    Path first = out.resolve("stages/1-specialized");
    Path second = out.resolve("stages/2-general");
    Path merged = out.resolve("merged/1-specialized");
    assertEquals(model, AdapterFolder.read(first).base());
    assertEquals(next == NextAdapter.MERGE, Files.exists(merged));
    assertEquals(next == NextAdapter.MERGE ? merged : model, AdapterFolder.read(second).base());
    assertArrayEquals(weights(second), weights(out));
    if (next == NextAdapter.MERGE) {
      assertArrayEquals(logits(first), logits(merged), 1e-4f);
      assertTrue(Files.exists(merged.resolve("tokenizer.model")));
    }
    boolean moved = !Arrays.equals(logits(first), logits(second));
    assertTrue(moved, "the second stage has learnt something");
  }

  @ParameterizedTest
  @CsvSource({
    "CONTINUE, 3",
    "CONTINUE, 6",
    "CONTINUE, 9",
    "MERGE, 3",
    "MERGE, 6",
    "MERGE, 9",
    "NEW, 6",
    "NEW, 9"
  })
  void aRunGoesOnFromAnyCheckpointToTheSameBits(NextAdapter next, long step) throws IOException {
    FineTuning run = tuning("out", each -> each.withStages(next));
    byte[] whole = weights(run.run().model());
    Path out = folder.resolve("out");
    // As a kill leaves it: nothing of what came after the checkpoint.
    CheckpointFolder checkpoints = CheckpointFolder.of(out);
    for (long later : checkpoints.steps()) {
      if (later > step) {
        Disk.delete(checkpoints.of(later));
      }
    }
    Files.delete(out.resolve("finished.json"));
    Files.delete(out.resolve(AdapterFolder.WEIGHTS));
    Disk.delete(out.resolve("stages/2-general"));
    if (step <= 6) {
      Disk.delete(out.resolve("merged"));
    }
    RunResult rest = run.resuming().run();
    assertTrue(rest.finished());
    assertArrayEquals(whole, weights(rest.model()));
  }

  /** Cancels itself after a step. */
  private static final class Cancelling implements RunListener {
    private final long step;
    private RunHandle run;

    private Cancelling(long step) {
      this.step = step;
    }

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      if (progress.step() == step) {
        run.cancel(true);
      }
    }
  }

  @Test
  void aRunThatIsStoppedBetweenStagesSavesAndGoesOn() throws Exception {
    byte[] whole =
        weights(tuning("whole", each -> each.withStages(NextAdapter.MERGE)).run().model());
    FineTuning parts = tuning("parts", each -> each.withStages(NextAdapter.MERGE));
    Cancelling listener = new Cancelling(6);
    try (RunHandle run =
        parts
            .withListener(listener)
            .start(
                task ->
                    new Thread(
                            () -> {
                              while (listener.run == null) {
                                Thread.onSpinWait();
                              }
                              task.run();
                            })
                        .start())) {
      listener.run = run;
      assertThrows(CancellationException.class, run::join);
      run.awaitEnd();
    }
    assertTrue(AdapterFolder.isAdapter(folder.resolve("parts")), "what it has learnt is there");
    assertArrayEquals(whole, weights(parts.resuming().run().model()));
  }

  @Test
  void aCheckpointOfAnotherRankIsRefused() throws IOException {
    tuning("out", each -> each).run();
    Files.delete(folder.resolve("out/finished.json"));
    FineTuning other = tuning("out", each -> each.withRank(8)).resuming();
    CheckpointException e = assertThrows(CheckpointException.class, other::run);
    assertTrue(e.getMessage().contains("adapter.rank is 8, the checkpoint"), e::getMessage);
    assertTrue(e.getMessage().contains(" 4"), e::getMessage);
  }

  @Test
  void aCheckpointIsExportedAsAnAdapterOrMerged() throws IOException {
    Path out = tuning("out", each -> each).run().model();
    CheckpointFolder checkpoints = CheckpointFolder.of(out);
    Checkpoint last = Checkpoint.open(checkpoints.of(STEPS - 1));
    Path exported = folder.resolve("exported");
    ModelExport.write(last, exported, DType.FLOAT32, false);
    assertEquals(model, AdapterFolder.read(exported).base());
    assertTrue(Files.exists(exported.resolve("tokenizer.model")));
    Path merged = folder.resolve("merged");
    ModelExport.merge(last, null, merged, DType.FLOAT32, false);
    assertFalse(Files.exists(merged.resolve(".adapter")));
    assertFalse(AdapterFolder.isAdapter(merged));
    assertArrayEquals(logits(exported), logits(merged), 1e-4f);
    Path whole = folder.resolve("whole");
    ModelExport.merge(out, null, whole, DType.FLOAT32, false);
    assertArrayEquals(logits(out), logits(whole), 1e-4f);
    try (Model opened = Model.open(whole)) {
      assertEquals("vicuna_v1.1", opened.template().name());
    }
  }

  @Test
  void anAdapterIsTrainedOn() throws IOException {
    Path first = tuning("first", each -> each).run().model();
    Path second =
        builder(first, "second")
            .adapter(each -> each.withRank(4).withDropout(0.1))
            .build()
            .run()
            .model();
    assertEquals(model, AdapterFolder.read(second).base());
    assertFalse(Arrays.equals(weights(first), weights(second)));
    FineTuning other = builder(first, "other").adapter(each -> each.withRank(2)).build();
    ConfigException e = assertThrows(ConfigException.class, other::run);
    assertTrue(e.getMessage().contains("q_proj has rank 4, this recipe rank 2"), e::getMessage);
    FineTuning full = builder(first, "full").build();
    ConfigException all = assertThrows(ConfigException.class, full::run);
    assertTrue(all.getMessage().contains("merge it first"), all::getMessage);
  }

  @Test
  void faultsOfAnAdapterAreToldTogether() throws IOException {
    FineTuning tuning =
        builder(model, "out")
            .adapter(
                each ->
                    each.withRank(4)
                        .withTargets(List.of(AdapterTarget.K_PROJ, AdapterTarget.LM_HEAD))
                        .withRanks(Map.of("k_proj", 17, "lm_head", 33))
                        .withStages(NextAdapter.NEW))
            .training(each -> each.withOptimizerState(OptimizerState.CARRY))
            .build();
    ConfigException e = assertThrows(ConfigException.class, tuning::run);
    for (String fault :
        List.of(
            "adapter: rank of k_proj must be at most 16, the smaller side of its matrix [16, 32], got 17",
            "adapter: rank of lm_head must be at most 32, the smaller side of its matrix [512, 32], got 33",
            "adapter.stages is new, which begins a fresh adapter")) {
      long lines = e.getMessage().lines().filter(line -> line.contains(fault)).count();
      assertEquals(1, lines, e::getMessage);
    }
    assertFalse(e.getMessage().contains("\\n"), e::getMessage); // a line for each of them
  }

  @Test
  void mergedModelsNeedAFolderThatStays() throws IOException {
    RunOutput storage = RunOutput.of("s3://bucket/run", folder.resolve("work"));
    for (NextAdapter next : NextAdapter.values()) {
      List<String> faults =
          PreparedSchedule.faults(
              tuning("out", each -> each.withStages(next)).recipe(), storage, RunStart.FRESH);
      assertEquals(
          next == NextAdapter.MERGE,
          faults.stream().anyMatch(fault -> fault.contains("output s3://bucket/run: models that")),
          faults::toString);
    }
  }

  @Test
  void theRunIsRehearsed() throws IOException {
    PreflightReport report =
        tuning("out", each -> each.withStages(NextAdapter.MERGE)).preflight().orElseThrow();
    assertTrue(String.join("\n", report.lines()).contains("merged models of"), report::toString);
  }
}
