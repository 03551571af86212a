package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.dist.RankEnvironment;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ranks that PyTorch's own torchrun has started: on the PATH, or named by DMT_TORCHRUN; skipped
 * without.
 */
@Tag("multirank")
@Timeout(300)
class TorchrunTest {
  @TempDir private Path folder;
  private String torchrun;
  private Path recipe;
  private RankRun run; // null until it starts

  @BeforeEach
  void writeRecipe() throws IOException {
    torchrun = program();
    recipe =
        TinyRecipe.write(
            folder,
            40,
            "strategy: {name: mixed-sequential}",
            "data: {cutoff_len: 512}",
            "training:",
            "  num_train_epochs: 4",
            "  global_train_batch_size: 7",
            "  learning_rate: 1e-3",
            "  save_steps: 3",
            "engine: {threads: 1}");
  }

  @AfterEach
  void endProcesses() {
    if (run != null) {
      run.close();
    }
  }

  private static String program() {
    String named = System.getenv().getOrDefault("DMT_TORCHRUN", "");
    List<String> folders = Arrays.asList(System.getenv("PATH").split(File.pathSeparator));
    String found =
        folders.stream()
            .map(each -> Path.of(each, "torchrun"))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse("");
    String reason = "skipped: there is no torchrun on the PATH, and DMT_TORCHRUN names none";
    if (named.isEmpty() && found.isEmpty()) {
      System.err.println(reason);
    }
    assumeTrue(!named.isEmpty() || !found.isEmpty(), reason);
    return named.isEmpty() ? found : named;
  }

  private List<String> training(String output, String... more) {
    List<String> words = new ArrayList<>(List.of("train", recipe.toString()));
    words.addAll(List.of("--output", folder.resolve(output).toString()));
    words.addAll(List.of(more));
    return words;
  }

  private void startByTorchrun(List<String> options, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(List.of(torchrun, "--nproc-per-node=2"));
    command.addAll(options);
    command.add("--no-python");
    command.addAll(JavaWords.of(Main.class));
    command.addAll(words);
    run = RankRun.startProgram(folder.resolve("log"), command);
  }

  private List<JsonNode> steps(String output) throws IOException {
    return MetricsLines.steps(folder.resolve(output));
  }

  private void assertSameSteps(String expected, String actual) throws IOException {
    List<JsonNode> one = steps(expected);
    List<JsonNode> other = steps(actual);
    assertEquals(one.size(), other.size());
    for (int s = 0; s < one.size(); s++) {
      for (String field : List.of("step", "loss", "grad_norm", "tokens")) {
        assertEquals(one.get(s).path(field), other.get(s).path(field), field);
      }
    }
  }

  private void trainByLaunch() throws Exception {
    run =
        RankRun.start(
            folder.resolve("log"), RankRun.launch(List.of("--nproc=2"), training("launched")));
    assertEquals(0, run.exitCode(), run.log());
  }

  /** torchrun listens at MASTER_PORT itself, whether or not it is told where nodes meet. */
  @ParameterizedTest
  @ValueSource(strings = {"--master-port=", "--rdzv-backend=c10d --rdzv-endpoint=localhost:"})
  void ranksOfTorchrunTrainAsThoseOfLaunchDo(String options) throws Exception {
    trainByLaunch();
    startByTorchrun(
        List.of((options + RankEnvironment.freePort()).split(" ")), training("torchrun"));
    assertEquals(0, run.exitCode(), run.log());
    assertSameSteps("launched", "torchrun");
  }

  @Test
  void ranksThatTorchrunStartsAgainGoOnFromTheCheckpoint() throws Exception {
    trainByLaunch();
    startByTorchrun(
        List.of("--max-restarts=2", "--master-port=" + RankEnvironment.freePort()),
        training("killed", "--resume=auto"));
    CheckpointFolder checkpoints = CheckpointFolder.of(folder.resolve("killed"));
    while (checkpoints.steps().isEmpty()) {
      assertTrue(run.process().isAlive(), run.log());
      Thread.sleep(5);
    }
    RankRun.signal("KILL", run.rank(1).pid());
    assertEquals(0, run.exitCode(), run.log());
    assertTrue(run.log().contains("going on after step "), run.log());
    assertSameSteps("launched", "killed");
  }
}
