package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** A scheduler that a script of scripts/ starts for a test, and ends when it is closed. */
final class SchedulerHere implements AutoCloseable {
  static final Path SCRIPTS = Path.of("..", "scripts").toAbsolutePath().normalize();

  private final String script;
  private final Path folder;
  private final Map<String, String> environment;
  private final StudyProcesses processes;

  private SchedulerHere(String script, Path folder, Map<String, String> environment) {
    this.script = SCRIPTS.resolve(script).toString();
    this.folder = folder;
    this.environment = environment;
    this.processes = new StudyProcesses(folder);
  }

  /**
   * Starts one, or skips the test where a machine has none.
   *
   * @param script takes the words missing, up and down
   * @param folder of the test
   * @param environment of the script, and of what talks to the scheduler
   */
  static SchedulerHere start(String script, Path folder, Map<String, String> environment)
      throws IOException {
    SchedulerHere scheduler = new SchedulerHere(script, folder, environment);
    Process missing = scheduler.run(scheduler.script, "missing");
    assumeTrue(missing.exitValue() == 0, scheduler.output());
    try {
      scheduler.said(scheduler.script, "up");
      return scheduler;
    } catch (AssertionError | IOException e) {
      scheduler.close();
      throw e;
    }
  }

  /** A port that is below those of clients. */
  static String port() {
    return Integer.toString(ThreadLocalRandom.current().nextInt(20_000, 30_000));
  }

  private Process run(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    // Not a pipe, which daemons would hold open.
    Process process = builder.redirectOutput(folder.resolve("said").toFile()).start();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command[0], e);
    }
    return process;
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("said")).strip();
  }

  /** Runs a command that is to succeed. @return what it printed */
  String said(String... command) throws IOException {
    int status = run(command).exitValue();
    String said = output();
    assertEquals(0, status, () -> String.join(" ", command) + ": " + said);
    return said;
  }

  /**
   * Runs a study here and as jobs, and compares. Nodes need not have this shell's variables, some
   * of which choose the instructions of a processor; all keep to the same ones.
   *
   * @param there output of the jobs
   * @param executor words that name it
   * @return what the job of the report said
   */
  String demandSameResults(Path there, Object... executor)
      throws IOException, InterruptedException {
    Path preset = MiniStudy.write(folder, List.of("math", "general"));
    List<Object> words =
        List.of("study", "strategies", "--preset", preset, "--only", "sequential seed 42");
    Path here = folder.resolve("here");
    List<Object> local = new ArrayList<>(words);
    local.addAll(List.of("--output", here, "--jobs", 1, "--reproducible"));
    Dmt.run(local.toArray()).succeeds();

    List<Object> jobs = new ArrayList<>(words);
    jobs.addAll(List.of("--output", there, "--wait", "--reproducible"));
    jobs.addAll(List.of(executor));
    processes.ends(processes.start(jobs, environment), 0);
    String log = processes.log();
    assertTrue(log.contains("1 of 1 cells done"), log);
    assertEquals(
        Files.readString(here.resolve("results.json")),
        Files.readString(there.resolve("results.json")));
    return Files.readString(there.resolve("jobs/report.log"));
  }

  @Override
  public void close() throws IOException {
    processes.close();
    said(script, "down");
  }
}
