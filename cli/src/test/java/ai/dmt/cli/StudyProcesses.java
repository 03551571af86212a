package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Commands that run as processes of their own and write to one log; closing it ends them. */
final class StudyProcesses implements AutoCloseable {
  private static final long POLL_MILLISECONDS = 5;

  /** How much of something there is. */
  interface Count {
    int now() throws IOException;
  }

  private final Path log;
  private final List<Process> processes = new ArrayList<>();

  /** What they say goes to a file in a folder. */
  StudyProcesses(Path folder) {
    this.log = folder.resolve("log");
  }

  /** Starts {@code dmt} with some words. */
  Process start(List<?> words) throws IOException {
    return start(words, Map.of());
  }

  /** The same, with some variables of the environment changed. */
  Process start(List<?> words, Map<String, String> environment) throws IOException {
    List<String> command = JavaWords.of(Main.class);
    words.forEach(word -> command.add(word.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Everything that they have said. */
  String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** Waits for the end of a process that is to end so. */
  void ends(Process process, int exitCode) throws IOException, InterruptedException {
    assertEquals(exitCode, process.waitFor(), log());
  }

  /** Waits until a process that runs has made so much. */
  void waitFor(Process process, Count made, int least) throws IOException, InterruptedException {
    while (made.now() < least) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(POLL_MILLISECONDS);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
