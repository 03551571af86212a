package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.ScoreReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class ScoreHumanEvalCommandTest {
  @TempDir private Path folder;
  private Path problems;
  private Process process; // null until it starts

  @BeforeEach
  void writeProblems() throws IOException {
    String problem =
        """
        {"task_id": "t/%d", "prompt": "def one():\\n", "entry_point": "one", \
        "test": "def check(f):\\n    assert f() == 1\\n"}\
        """;
    problems = write("p.jsonl", problem.formatted(0), problem.formatted(1));
  }

  @AfterEach
  void endProcess() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private Path completions(String... bodies) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < bodies.length; i++) {
      lines.add("{\"task_id\": \"t/%s\", \"completion\": \"    %s\"}".formatted(i % 2, bodies[i]));
    }
    return write("c.jsonl", lines.toArray(String[]::new));
  }

  private List<Object> words(Path completions, Object... more) {
    List<Object> words =
        new ArrayList<>(
            List.of("score", "humaneval", "--problems", problems, "--completions", completions));
    words.addAll(Arrays.asList(more));
    return words;
  }

  private Dmt score(Path completions, Object... more) {
    List<Object> words = words(completions, more);
    words.add("--allow-code-execution");
    return Dmt.run(words.toArray());
  }

  @Test
  void scoresAreTableReportAndResults() throws IOException {
    Path json = folder.resolve("scores.json");
    Path results = folder.resolve("results.jsonl");
    Dmt run =
        score(completions("return 1", "return 2"), "--json", json, "--output", results, "--k", "1");
    assertTrue(run.succeeds().contains("pass@1"), run::toString);
    ScoreReport report = ScoreReport.read(json);
    assertEquals(1, report.scores().get(0).correct());
    assertEquals("human-eval", report.scores().get(0).mode());
    assertEquals("failed: AssertionError", report.items().get(1).verdict());
    assertTrue(Files.readAllLines(results).get(0).endsWith("\"passed\":true}"));
  }

  @Test
  void nothingRunsWithoutLeave() throws IOException {
    Path trace = folder.resolve("trace");
    Path completions = completions("open('%s', 'w')".formatted(trace), "return 1");
    Dmt.run(words(completions, "--unsafe-no-sandbox").toArray())
        .fails(ExitCode.USAGE, "--allow-code-execution");
    assertFalse(Files.exists(trace));
  }

  @Test
  void withoutSandboxItWarns() throws IOException {
    Path trace = folder.resolve("trace");
    Path completions = completions("open('%s', 'w')".formatted(trace), "return 1");
    assertFalse(score(completions).toString().contains("WARNING"));
    assertFalse(Files.exists(trace), "the sandbox holds");
    String text = score(completions, "--unsafe-no-sandbox").toString();
    assertTrue(text.contains("WARNING: --unsafe-no-sandbox"), text);
    assertTrue(Files.exists(trace));
  }

  @Test
  void faultsOfTheInputAreNamed() throws IOException {
    Path good = completions("return 1", "return 1");
    score(good, "--mode", "mbpp").fails(ExitCode.USAGE, "unknown mode \"mbpp\"");
    score(good, "--k", "0").fails(ExitCode.USAGE, "--k must be whole numbers from 1");
    score(good, "--timeout", "0").fails(ExitCode.USAGE, "the time limit");
    score(good, "--workers", "0").fails(ExitCode.USAGE, "workers must be from 1");
    score(good, "--python", folder.resolve("none")).fails(ExitCode.USAGE, "none");
    score(completions("return 1")).fails(ExitCode.USAGE, "1 of 2 problems have no completion: t/1");
    String out = score(completions("return 1"), "--limit", 1, "--k", "1,10").toString();
    assertTrue(out.contains("pass@10 is left out: a problem has 1 completions, not 10"), out);
  }

  private void start(String path, Path completions, Object... more) throws IOException {
    // A shell's background ignores SIGINT, and so would all that it starts.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    words(completions, more).forEach(word -> command.add(word.toString()));
    command.add("--allow-code-execution");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("PATH", path);
    process = builder.start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "KILL"})
  void signalLeavesNoProcess(String signal) throws Exception {
    Path completions = completions("while True: pass", "while 1: pass");
    start(System.getenv("PATH"), completions, "--timeout", 3000, "--workers", 2);
    List<ProcessHandle> started = List.of();
    while (started.stream().filter(this::isProgram).count() < 2) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
      started = process.descendants().toList();
    }
    String kill = "kill -" + signal + " " + process.pid();
    new ProcessBuilder("bash", "-c", kill).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    if (signal.equals("INT")) {
      assertEquals(ExitCode.INTERRUPTED, process.exitValue(), log());
    }
    for (ProcessHandle handle : started) {
      handle.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  /** The program's process: the supervisor's child, by now busy. */
  private boolean isProgram(ProcessHandle handle) {
    return handle.children().findAny().isEmpty()
        && handle.info().totalCpuDuration().map(time -> time.toMillis() > 200).orElse(false);
  }

  @Test
  void missingBubblewrapIsNamed() throws Exception {
    String python = score(completions("return 1", "return 1")).succeeds();
    assertTrue(python.contains("100"), python);
    Path launcher = Files.createDirectory(folder.resolve("bin")).resolve("python3");
    Files.writeString(
        launcher, "#!/bin/sh\nPATH=%s exec python3 \"$@\"\n".formatted(System.getenv("PATH")));
    assertTrue(launcher.toFile().setExecutable(true));
    start(launcher.getParent().toString(), completions("return 1", "return 1"));
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(ExitCode.USAGE, process.exitValue(), log());
    assertTrue(log().contains("install the package bubblewrap"), log());
  }
}
