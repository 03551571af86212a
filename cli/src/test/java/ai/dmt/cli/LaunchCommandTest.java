package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs of several processes over Gloo. */
@Tag("multirank")
@Timeout(300)
class LaunchCommandTest {
  @TempDir private Path folder;
  private Path model;
  private Path data;
  private RankRun run; // null until it starts

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    data = RankRun.writeData(folder);
  }

  @AfterEach
  void endProcesses() {
    if (run != null) {
      run.close();
    }
  }

  private void start(int ranks, String output, String... settings) throws IOException {
    List<String> train =
        RankRun.training(model, data, folder.resolve(output), Arrays.asList(settings));
    List<String> options = List.of("--nproc=" + ranks, "--log-dir=" + folder.resolve("logs"));
    run = RankRun.start(folder.resolve("log"), ranks == 1 ? train : RankRun.launch(options, train));
  }

  /** Words of the Java of a rank before its class path. */
  private static List<String> flags(ProcessHandle rank) throws IOException {
    List<String> words =
        Arrays.asList(Files.readString(Path.of("/proc/" + rank.pid() + "/cmdline")).split("\0"));
    return words.subList(1, words.indexOf("-cp"));
  }

  private void startEndlessly() throws Exception {
    start(2, "out", RankRun.ENDLESS.toArray(new String[0]));
    run.waitForStep(folder.resolve("out"));
  }

  private String log() throws IOException {
    return run.log();
  }

  private List<Double> losses(String output) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (JsonNode node : MetricsLines.read(folder.resolve(output))) {
      losses.add(node.path("loss").asDouble());
      losses.add(node.path("sources").path("sums").path("label_tokens").asDouble());
    }
    return losses;
  }

  @Test
  void ranksTrainWhatOneProcessDoes() throws Exception {
    start(1, "alone", "num_train_epochs=1");
    assertEquals(0, run.exitCode(), log());
    start(3, "ranks", "num_train_epochs=1", "max_tokens_per_micro_batch=auto");
    assertEquals(0, run.exitCode(), log());
    List<Double> expected = losses("alone");
    List<Double> actual = losses("ranks");
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), actual.get(i), 1e-5, "value " + i);
    }
    String log = log();
    assertTrue(log.contains("max_tokens_per_micro_batch="), log);
    assertEquals(1, log.split("\\(auto\\): ", -1).length - 1, log);
    assertFalse(
        Files.readString(folder.resolve("ranks/recipe.yaml")).contains("micro_batch: auto"), log);
    assertTrue(log.contains("ranks      3, 3 per node, sharding full"), log);
    assertEquals(1, log.split("done after", -1).length - 1, "rank 0 alone speaks: " + log);
    assertEquals("", Files.readString(folder.resolve("logs/rank-2.log")));
    assertTrue(Files.exists(folder.resolve("ranks/model.safetensors")));
  }

  @Test
  void ranksTryARunWithoutMakingIt() throws Exception {
    start(2, "tried", "--preflight");
    assertEquals(0, run.exitCode(), log());
    assertTrue(log().contains("preflight: the run can begin"), log());
    assertFalse(Files.exists(folder.resolve("tried")), log());
    start(1, "tried", "--preflight", "--no-preflight");
    assertEquals(2, run.exitCode(), log());
    assertTrue(log().contains("exclude each other"), log());
  }

  @Test
  void aKilledRankEndsTheRunAndIsNamed() throws Exception {
    startEndlessly();
    List<String> own = JavaWords.of(Main.class);
    assertEquals(own.subList(1, own.indexOf("-cp")), flags(run.rank(1)));
    assertTrue(run.rank(1).destroyForcibly());
    assertEquals(137, run.exitCode(), log());
    assertTrue(log().contains("dmt: rank 1 was ended by signal 9"), log());
    assertTrue(log().contains("rank 0 of 2: "), log());
  }

  @Test
  void ranksEndWithTheirLauncher() throws Exception {
    startEndlessly();
    List<ProcessHandle> ranks = List.of(run.rank(0), run.rank(1));
    run.process().destroyForcibly();
    for (ProcessHandle rank : ranks) {
      rank.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void aFaultOfTheDataEndsAllRanksWithItsExitCode() throws Exception {
    Files.writeString(data, "{\"question\": 3}\n");
    start(2, "out");
    assertEquals(2, run.exitCode(), log());
    assertTrue(log().contains("d.jsonl:1: record has the fields [question]"), log());
  }
}
