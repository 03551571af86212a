package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What needs a process of its own: signals, a full disk, and which libraries a command loads. */
@Tag("native")
@Timeout(120)
class ProcessTest {
  @TempDir private Path folder;
  private Path model;
  private Path output;
  private Process process; // null until it starts

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
  }

  @AfterEach
  void endProcess() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private List<Object> train(Object... more) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append("{\"question\": \"%s + 1?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    Path data = Files.writeString(folder.resolve("d.jsonl"), lines);
    List<Object> words =
        new ArrayList<>(
            List.of("train", "--model", model, "--data", "sums=" + data, "--output", output));
    words.addAll(Arrays.asList(more));
    return words;
  }

  /** A recipe of two stages that would run for long. */
  private Path recipe() throws IOException {
    train(); // the data
    return Files.write(
        folder.resolve("r.yaml"),
        List.of(
            "model: " + model,
            "sources:",
            "  a: {role: specialized, files: [%s]}".formatted(folder.resolve("d.jsonl")),
            "  b: {role: general, files: [%s]}".formatted(folder.resolve("d.jsonl")),
            "strategy: {name: mixed-sequential}",
            "data: {cutoff_len: 512}",
            "training: {num_train_epochs: 10000, logging_steps: 1000}"));
  }

  private void interrupt() throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("bash", "-c", "kill -INT " + process.pid()).start();
    assertEquals(0, kill.waitFor());
  }

  /** Starts dmt. @param limits shell commands to run before, such as "ulimit -f 100" */
  private void start(String limits, List<Object> words) throws IOException {
    start(Main.class, limits, words);
  }

  private void start(Class<?> main, String limits, List<Object> words) throws IOException {
    List<String> command = JavaWords.of(main);
    words.forEach(word -> command.add(word.toString()));
    // A shell's background ignores SIGINT, and so would all that it starts.
    List<String> shell = new ArrayList<>(List.of("env", "--default-signal=INT"));
    shell.addAll(List.of("bash", "-c", limits + "; exec \"$@\"", "dmt"));
    shell.addAll(command);
    process =
        new ProcessBuilder(shell)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(100, TimeUnit.SECONDS), "dmt does not end");
    return process.exitValue();
  }

  private void waitForStep() throws IOException, InterruptedException {
    Path metrics = output.resolve("metrics.jsonl");
    while (!Files.exists(metrics) || !Files.readString(metrics).contains("\"type\":\"step\"")) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  @Test
  void firstSignalFinishesTheStepAndSaves() throws Exception {
    start(":", train("num_train_epochs=10000", "logging_steps=1000"));
    waitForStep();
    process.destroy(); // SIGTERM
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
    assertTrue(log().contains("stopping after this step, then saving"), log());
    assertTrue(log().contains("interrupted after "), log());
    Dmt.run("generate", "--model", output, "--prompt", "a", "--max-new-tokens", 2).succeeds();
  }

  @Test
  void interruptedScheduleFinishesItsStepAndSaysHowFarItGot() throws Exception {
    start(":", List.of("train", recipe(), "--output", output));
    waitForStep();
    interrupt();
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
    assertTrue(log().contains("stopping after this step, then saving"), log());
    long steps =
        Files.readAllLines(output.resolve("metrics.jsonl")).stream()
            .filter(line -> line.contains("\"type\":\"step\""))
            .count();
    assertTrue(log().contains("interrupted after " + steps + " of 20000 steps"), log());
    assertTrue(log().contains("; --resume auto goes on"), log());
    assertTrue(log().contains("saved to " + output), log());
    assertFalse(Files.exists(output.resolve("stages")), "no stage is complete");
    Dmt.run("generate", "--model", output, "--prompt", "a", "--max-new-tokens", 2).succeeds();
    Dmt.run("recipe", "validate", output.resolve("recipe.yaml")).succeeds();
  }

  @Test
  void aRunOfLimitedTimeStopsAsAtASignal() throws Exception {
    start(":", List.of("train", recipe(), "--output", output, "training.max_time=2s"));
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
    assertTrue(log().contains("interrupted after "), log());
    Dmt.run("generate", "--model", output, "--prompt", "a", "--max-new-tokens", 2).succeeds();
  }

  @Test
  void folderOfAScheduleThatWasInterruptedTwiceCanBeUsedAgain() throws Exception {
    Path recipe = recipe();
    start(":", List.of("train", recipe, "--output", output));
    waitForStep();
    interrupt();
    waitForLog("stopping after this step");
    if (process.isAlive()) {
      interrupt();
    }
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
    Dmt.run("train", recipe, "--output", output, "--overwrite", "training.max_steps=1").succeeds();
  }

  /** A command that never ends by itself. */
  static final class NeverEnding {
    private NeverEnding() {}

    public static void main(String[] args) throws InterruptedException {
      StopSignals.onFirst(() -> System.err.println("first"));
      System.err.println("ready");
      Thread.sleep(100_000);
    }
  }

  private void waitForLog(String text) throws IOException, InterruptedException {
    while (!log().contains(text)) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  @Test
  void secondSignalQuits() throws Exception {
    start(NeverEnding.class, ":", List.of());
    waitForLog("ready");
    process.destroy();
    waitForLog("first");
    assertFalse(process.waitFor(300, TimeUnit.MILLISECONDS), "the first must not end it");
    process.destroy();
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
  }

  @Test
  void fullDiskLeavesTheOldModel() throws Exception {
    Files.createDirectories(output);
    TinyModel.copy(model, output);
    byte[] weights = Files.readAllBytes(output.resolve("model.safetensors"));
    long kilobytes = weights.length / 1024 / 2;
    start("ulimit -f " + kilobytes, train("--overwrite", "max_steps=2"));
    assertEquals(ExitCode.FAILED, exitCode(), log());
    assertTrue(log().contains("dmt: the model cannot be saved to " + output), log());
    assertFalse(log().contains("\tat "), log());
    assertArrayEquals(weights, Files.readAllBytes(output.resolve("model.safetensors")));
    Dmt.run("generate", "--model", output, "--prompt", "a", "--max-new-tokens", 2).succeeds();
    try (Stream<Path> files = Files.list(folder)) {
      List<String> left =
          files.map(file -> file.getFileName().toString()).filter(n -> n.startsWith(".")).toList();
      assertEquals(List.of(), left, "nothing half-written stays");
    }
  }

  @Test
  void fullHeapIsOneMessage() throws Exception {
    List<Object> words = train();
    // 14 MB, less than a record may have, but 200 MB as objects
    String record = "{\"question\": [" + "[],".repeat(14_000_000 / 3) + "[]]}";
    Files.writeString(folder.resolve("d.jsonl"), record);
    start(":", words);
    assertEquals(ExitCode.FAILED, exitCode(), log());
    assertTrue(log().contains("dmt: out of memory: "), log());
    assertFalse(log().contains("\tat "), log());
  }

  @Test
  void exitCodeReachesTheShell() throws Exception {
    start(":", List.of("generate", "--model", folder.resolve("none"), "--prompt", "a"));
    assertEquals(ExitCode.USAGE, exitCode(), log());
    assertEquals(1, log().lines().count(), log());
  }

  @Test
  void dryRunNeedsNoLibtorch() throws Exception {
    List<Object> words = train("--dry-run");
    String path = System.setProperty("dmt.native.path", folder.resolve("nothing").toString());
    try {
      start(":", words);
    } finally {
      System.setProperty("dmt.native.path", path);
    }
    assertEquals(ExitCode.OK, exitCode(), log());
  }

  @Test
  void preparationNeedsNoLibtorch() throws Exception {
    train(); // writes the data
    Path recipe =
        Files.writeString(
            folder.resolve("r.yaml"),
            "model: %s\nsources: {sums: {role: general, files: [%s]}}\ndata: {cutoff_len: 512}\n"
                .formatted(model, folder.resolve("d.jsonl")));
    String path = System.setProperty("dmt.native.path", folder.resolve("nothing").toString());
    try {
      start(":", List.of("prepare", recipe, "--no-cache"));
    } finally {
      System.setProperty("dmt.native.path", path);
    }
    assertEquals(ExitCode.OK, exitCode(), log());
    assertTrue(log().contains("sums: 40 samples"), log());
  }

  @Test
  void plansAndRecipesNeedNoLibtorch() throws Exception {
    String path = System.setProperty("dmt.native.path", folder.resolve("nothing").toString());
    try {
      for (List<Object> words :
          List.<List<Object>>of(
              List.of("plan", "7b-dmt-1_256"),
              List.of("plan", recipe(), "--samples"),
              List.of("recipe", "validate", "7b-dmt-1_256"))) {
        start(":", words);
        assertEquals(ExitCode.OK, exitCode(), log());
      }
    } finally {
      System.setProperty("dmt.native.path", path);
    }
  }

  /** Logs that nobody asked for stay only where they are needed. */
  @ParameterizedTest
  @CsvSource({"--version, 0, 0", "--no-such-option, 2, 1"})
  void temporaryLogsOfRanksGoUnlessOneFailed(String word, int exitCode, int left) throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>(JavaWords.of(Main.class));
    command.add(1, "-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("launch", "--nproc=2", "--", word));
    Path log = folder.resolve("log");
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(exitCode, process.exitValue(), Files.readString(log));
    try (Stream<Path> entries = Files.list(temporary)) {
      assertEquals(left, entries.count());
    }
  }
}
