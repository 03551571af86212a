package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A dmt process that starts ranks, in a process group of its own as at a terminal. What it prints
 * is in a log.
 */
final class RankRun implements AutoCloseable {
  /** A run that does not end by itself. */
  static final List<String> ENDLESS =
      List.of("num_train_epochs=10000", "logging_steps=1000", "eval_fraction=0");

  /** SIGINT is ignored in a script's background, and so in tests that run there. */
  private static final List<String> AS_AT_A_TERMINAL =
      List.of("env", "--default-signal=INT", "setsid");

  private final Process process;
  private final Path log;

  private RankRun(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts dmt. @param before words before it, such as those that enter a namespace */
  static RankRun start(Path log, List<String> before, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(AS_AT_A_TERMINAL);
    command.addAll(JavaWords.of(Main.class));
    command.addAll(words);
    return startProgram(log, command);
  }

  /** Starts another launcher of ranks; each of them is its child. */
  static RankRun startProgram(Path log, List<String> command) throws IOException {
    return new RankRun(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  static RankRun start(Path log, List<String> words) throws IOException {
    return start(log, List.of(), words);
  }

  /** Writes data of 60 samples for {@link #training}. */
  static Path writeData(Path folder) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append("{\"question\": \"%s + %s?\", \"answer\": \"%s\"}\n".formatted(i, i * i, i));
    }
    return Files.writeString(folder.resolve("d.jsonl"), lines);
  }

  /** Words of {@code dmt train}. */
  static List<String> training(Path model, Path data, Path output, List<String> settings) {
    List<String> words = new ArrayList<>(List.of("train", "--model", model.toString()));
    words.addAll(List.of("--data", "sums=" + data, "--output", output.toString()));
    words.addAll(List.of("global_train_batch_size=7", "learning_rate=1e-3", "threads=1"));
    words.addAll(settings);
    return words;
  }

  /** Words of {@code dmt launch}. */
  static List<String> launch(List<String> options, List<String> command) {
    List<String> words = new ArrayList<>(List.of("launch"));
    words.addAll(options);
    words.add("--");
    words.addAll(command);
    return words;
  }

  /** Sends a signal with kill. @param targets process ids, or negative ones of groups */
  static void signal(String name, long... targets) throws IOException, InterruptedException {
    // The shell's own: minimal systems have no program of that name.
    List<String> kill =
        new ArrayList<>(List.of("bash", "-c", "kill \"$@\"", "bash", "-" + name, "--"));
    Arrays.stream(targets).forEach(target -> kill.add(Long.toString(target)));
    assertEquals(0, new ProcessBuilder(kill).inheritIO().start().waitFor(), kill::toString);
  }

  /** To all processes of the run at once. */
  void signalAll(String name) throws IOException, InterruptedException {
    signal(name, -process.pid());
  }

  Process process() {
    return process;
  }

  /** A rank's process. */
  ProcessHandle rank(int rank) {
    String variable = "RANK=" + rank;
    return process
        .children()
        .filter(child -> variables(child).anyMatch(variable::equals))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<String> variables(ProcessHandle child) {
    try {
      return Arrays.stream(
          Files.readString(
                  Path.of("/proc", Long.toString(child.pid()), "environ"),
                  StandardCharsets.ISO_8859_1)
              .split("\0"));
    } catch (IOException e) {
      return Stream.empty(); // it has ended
    }
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  void waitForLog(String text) throws IOException, InterruptedException {
    while (!log().contains(text)) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  void waitForStep(Path output) throws IOException, InterruptedException {
    Path metrics = output.resolve("metrics.jsonl");
    while (!Files.exists(metrics) || !Files.readString(metrics).contains("\"type\":\"step\"")) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  int exitCode() throws Exception {
    return exitCode(200);
  }

  int exitCode(long seconds) throws Exception {
    assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), "dmt does not end: " + log());
    return process.exitValue();
  }

  @Override
  public void close() {
    List<ProcessHandle> ranks = process.descendants().toList();
    process.destroyForcibly();
    ranks.forEach(ProcessHandle::destroyForcibly);
  }
}
