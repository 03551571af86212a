package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.dist.ProcessGroups;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeSettings;
import ai.dmt.run.PreparedSchedule;
import ai.dmt.run.RunOutput;
import ai.dmt.run.RunRank;
import ai.dmt.run.RunStart;
import ai.dmt.run.ScheduleRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two ranks, threads here, of which the second was started for something else. */
@Tag("multirank")
@Timeout(120)
class DifferentRanksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Map<String, String> SETTINGS =
      Map.of(
          "global_train_batch_size", "4",
          "num_train_epochs", "1",
          "save_steps", "0",
          "eval_fraction", "0.25",
          "threads", "1");

  @TempDir private Path folder;
  private Job job;

  /** What a rank was started for. */
  private record Job(
      Path model, Path data, Path output, RunStart start, Map<String, String> settings) {
    Recipe recipe() {
      return RecipeSettings.recipe(
          model, TinyModel.POSITIONS, Map.of("math", List.of(data)), output, settings);
    }
  }

  @BeforeEach
  void writeFiles() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    Path data = RankRun.writeData(folder);
    RunStart start = new RunStart(false, "");
    job = new Job(model, data, folder.resolve("out"), start, SETTINGS);
  }

  /** What each of two ranks says; null of one that trained. */
  private List<String> messages(Job second) throws Exception {
    int port = RankEnvironment.freePort();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Object>> ranks = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        RunRank place =
            new RunRank(
                new RankEnvironment(rank, rank, 2, 2, "127.0.0.1", port),
                new ProcessGroups.Timeouts(PATIENCE, PATIENCE));
        Job own = rank == 0 ? job : second;
        ranks.add(threads.submit(() -> train(own, place)));
      }
      List<String> messages = new ArrayList<>();
      for (Future<Object> rank : ranks) {
        messages.add(message(rank));
      }
      return messages;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object train(Job job, RunRank rank) throws IOException {
    try (PreparedSchedule prepared =
        PreparedSchedule.of(
            job.recipe(), RunOutput.of(job.output()), job.start(), CacheUse.none(), config -> {})) {
      return new ScheduleRun(prepared, rank).run();
    }
  }

  private static String message(Future<Object> rank) throws Exception {
    try {
      rank.get();
      return null;
    } catch (ExecutionException e) {
      return assertThrows(
              EngineException.class,
              () -> {
                throw e.getCause();
              })
          .getMessage();
    }
  }

  private void assertNamed(Job second, String difference) throws Exception {
    List<String> messages = messages(second);
    assertEquals(messages.get(0), messages.get(1));
    assertTrue(
        messages.get(0) != null && messages.get(0).contains("different runs; here " + difference),
        messages::toString);
    assertFalse(Files.exists(folder.resolve("out/model.safetensors")), "a model was saved");
    assertFalse(Files.exists(folder.resolve("out/metrics.jsonl")), "a step was made");
  }

  private Job with(String key, String value) {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put(key, value);
    return new Job(job.model(), job.data(), job.output(), job.start(), settings);
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "learning_rate, 1e-3, 'learning_rate is 0.001, rank 0 has 2.0E-5'",
    "weight_decay, 0.1, 'weight_decay is 0.1, rank 0 has 0.0'",
    "adam_beta1, 0.8, 'adam_beta1 is 0.8, rank 0 has 0.9'",
    "adam_epsilon, 1e-6, 'adam_epsilon is 1.0E-6, rank 0 has 1.0E-8'",
    "max_grad_norm, 0.5, 'max_grad_norm is 0.5, rank 0 has 1.0'",
    "lr_scheduler_type, constant, 'lr_scheduler_type is constant, rank 0 has cosine'",
    "max_steps, 2, 'max_steps is 2, rank 0 has 0'",
    "num_train_epochs, 2, 'num_train_epochs is 2, rank 0 has 1'",
    "global_train_batch_size, 2, 'global_train_batch_size is 2, rank 0 has 4'",
    "seed, 7, 'seed is 7, rank 0 has 42'",
    "dtype, bfloat16, 'dtype is bfloat16, rank 0 has float32'",
    "sharding, grad_op, 'sharding is grad_op, rank 0 has full'",
    "reduce_dtype, bfloat16, 'reduce_dtype is bfloat16, rank 0 has not set'",
    "gradient_reduction, step, 'gradient_reduction is step, rank 0 has micro_batch'",
    "reduce_collective, reduce_scatter, 'reduce_collective is reduce_scatter, rank 0 has"
        + " all_to_all'",
    "save_steps, 1, 'save_steps is 1, rank 0 has 0'",
    "eval_steps, 1, 'eval_steps is 1, rank 0 has 0'",
    "max_tokens_per_micro_batch, 1024, 'max_tokens_per_micro_batch is 1024, rank 0 has 2048'",
    "max_tokens_per_micro_batch, auto, 'max_tokens_per_micro_batch is auto, rank 0 has 2048'",
    "recompute, full, 'recompute is full, rank 0 has none'",
    "template, alpaca, 'template is alpaca, rank 0 has vicuna_v1.1'"
  })
  void aSettingIsNamed(String key, String value, String difference) throws Exception {
    List<String> messages = messages(with(key, value));
    String own = messages.get(0);
    assertEquals(own, messages.get(1));
    assertTrue(own != null && own.contains(difference), messages::toString);
    assertFalse(Files.exists(folder.resolve("out/model.safetensors")), "a model was saved");
  }

  @Test
  void anotherModelOfTheSameShapeIsNamed() throws Exception {
    Path other = folder.resolve("other");
    try (NativeEngine engine =
        NativeEngine.create(
            ModelConfig.llama(512, 32, 64, 2, 4, 2, TinyModel.POSITIONS),
            8,
            EngineConfig.inference())) {
      engine.save(other, DType.FLOAT32);
    }
    ModelFolder.copyTokenizer(job.model(), other);
    assertNamed(new Job(other, job.data(), job.output(), job.start(), SETTINGS), "model is ");
  }

  @Test
  void anotherRowOfTheDataIsNamed() throws Exception {
    Path data = job.data();
    Path other = folder.resolve("elsewhere.jsonl");
    Files.writeString(other, Files.readString(data).replaceFirst("[0-9]\"}", "x\"}"));
    assertFalse(Files.readString(other).equals(Files.readString(data)));
    List<String> messages =
        messages(new Job(job.model(), other, job.output(), job.start(), SETTINGS));
    assertTrue(messages.get(0).contains("tokens_of.math is "), messages::toString);
  }

  @Test
  void aRankThatWouldGoOnIsNamed() throws Exception {
    RunStart resumes = new RunStart(false, RunStart.AUTO);
    assertNamed(
        new Job(job.model(), job.data(), job.output(), resumes, SETTINGS),
        "resume is auto, rank 0 has no");
  }

  @Test
  void placesOfFilesAndThreadsAreEachRanksOwn() throws Exception {
    Path model = TinyModel.copy(job.model(), folder.resolve("copy"));
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put("threads", "1");
    Job second = new Job(model, job.data(), folder.resolve("unused"), job.start(), settings);
    List<String> messages = messages(second);
    assertEquals(null, messages.get(0));
    assertEquals(null, messages.get(1));
    assertTrue(Files.exists(folder.resolve("out/model.safetensors")));
  }
}
