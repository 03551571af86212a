package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;
  private Path data;
  private Process process; // null until it starts

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append("{\"question\": \"%d + %d?\", \"answer\": \"%d\"}\n".formatted(i, i * i, i));
    }
    data = Files.writeString(folder.resolve("d.jsonl"), lines);
  }

  @AfterEach
  void endProcesses() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void start(int ranks, String output, String... settings) throws IOException {
    List<String> command = JavaWords.of(Main.class);
    if (ranks > 1) {
      command.addAll(List.of("launch", "--nproc", Integer.toString(ranks)));
      command.addAll(List.of("--log-dir", folder.resolve("logs").toString(), "--"));
    }
    command.addAll(List.of("train", "--model", model.toString(), "--data", "sums=" + data));
    command.addAll(List.of("--output", folder.resolve(output).toString()));
    command.addAll(List.of("global_train_batch_size=7", "learning_rate=1e-3", "threads=1"));
    command.addAll(List.of(settings));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private int exitCode() throws Exception {
    assertTrue(process.waitFor(200, TimeUnit.SECONDS), "dmt does not end");
    return process.exitValue();
  }

  private List<Double> losses(String output) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(output).resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      losses.add(node.path("loss").asDouble());
      losses.add(node.path("sources").path("sums").path("label_tokens").asDouble());
    }
    return losses;
  }

  private void waitForStep(String output) throws Exception {
    Path metrics = folder.resolve(output).resolve("metrics.jsonl");
    while (!Files.exists(metrics) || !Files.readString(metrics).contains("\"type\":\"step\"")) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  @Test
  void ranksTrainWhatOneProcessDoes() throws Exception {
    start(1, "alone", "num_train_epochs=1");
    assertEquals(0, exitCode(), log());
    start(3, "ranks", "num_train_epochs=1", "max_tokens_per_micro_batch=512");
    assertEquals(0, exitCode(), log());
    List<Double> expected = losses("alone");
    List<Double> actual = losses("ranks");
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), actual.get(i), 1e-5, "value " + i);
    }
    String log = log();
    assertTrue(log.contains("ranks      3, 3 per node, sharding full"), log);
    assertEquals(1, log.split("done after", -1).length - 1, "rank 0 alone speaks: " + log);
    assertEquals("", Files.readString(folder.resolve("logs/rank-2.log")));
    assertTrue(Files.exists(folder.resolve("ranks/model.safetensors")));
  }

  @Test
  void aKilledRankEndsTheRunAndIsNamed() throws Exception {
    start(2, "out", "num_train_epochs=100000", "logging_steps=1000", "eval_fraction=0");
    waitForStep("out");
    ProcessHandle last =
        process.children().max(Comparator.comparingLong(ProcessHandle::pid)).orElseThrow();
    assertTrue(last.destroyForcibly());
    assertEquals(137, exitCode(), log());
    assertTrue(log().contains("dmt: rank 1 was ended by signal 9"), log());
    assertTrue(log().contains("rank 0 of 2: "), log());
  }

  @Test
  void ranksEndWithTheirLauncher() throws Exception {
    start(2, "out", "num_train_epochs=100000", "logging_steps=1000", "eval_fraction=0");
    waitForStep("out");
    List<ProcessHandle> ranks = process.children().toList();
    assertEquals(2, ranks.size());
    process.destroyForcibly();
    for (ProcessHandle rank : ranks) {
      rank.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void aFaultOfTheDataEndsAllRanksWithItsExitCode() throws Exception {
    Files.writeString(data, "{\"question\": 3}\n");
    start(2, "out");
    assertEquals(2, exitCode(), log());
    assertTrue(log().contains("d.jsonl:1: record has the fields [question]"), log());
  }
}
