package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every program of the folder hostile is contained: it ends as its first line says, the machine and
 * the next program are as they were, and no process stays.
 */
@Timeout(600)
class HostileProgramsTest {
  private static final SandboxLimits LIMITS =
      new SandboxLimits(Duration.ofSeconds(60), 1L << 30, 32, 10 << 20, 16 << 20);

  /** A program that passes only in a sandbox that nobody has used. */
  private static final PythonProgram NEXT =
      PythonProgram.of(
          """
          import os
          assert os.listdir("/tmp") == [] and os.listdir("/dev/shm") == []
          assert [pid for pid in os.listdir("/proc") if pid.isdigit()] == ["1", str(os.getpid())]
          with open("/tmp/left", "w") as file:
              file.write("for the next")
          """);

  private static final String MARKER = "dmt-" + UUID.randomUUID();

  @TempDir private static Path folder;
  private static Path victim;
  private static ServerSocket server;
  private static Sandbox sandbox;
  private static Sandbox impatient;

  @BeforeAll
  static void open() throws IOException {
    victim = Files.writeString(folder.resolve("victim"), "untouched");
    server = new ServerSocket(0);
    server.setSoTimeout(1);
    SandboxSettings settings = new SandboxSettings("python3", 2, LIMITS, false);
    sandbox = Sandbox.open(settings);
    impatient = Sandbox.open(settings.withLimits(LIMITS.withWallClock(Duration.ofSeconds(1))));
  }

  @AfterAll
  static void close() throws IOException {
    sandbox.close();
    impatient.close();
    server.close();
  }

  static List<Path> programs() throws Exception {
    Path hostile = Path.of(HostileProgramsTest.class.getResource("hostile").toURI());
    try (Stream<Path> files = Files.list(hostile)) {
      List<Path> programs = files.filter(file -> file.toString().endsWith(".py")).sorted().toList();
      assertTrue(programs.size() > 40, programs::toString);
      return programs;
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void isContained(Path file) throws Exception {
    String text = Files.readString(file);
    String expected = text.lines().findFirst().orElseThrow().replace("# outcome: ", "");
    String source =
        text.replace("@VICTIM@", victim.toString())
            .replace("@FOLDER@", folder.toString())
            .replace("@HOME@", System.getProperty("user.home"))
            .replace("@PORT@", Integer.toString(server.getLocalPort()))
            .replace("@MARKER@", MARKER);
    Sandbox used = expected.startsWith("timed out") ? impatient : sandbox;
    ProgramOutcome outcome = used.run(PythonProgram.of(source));
    assertFalse(outcome.passed());
    assertTrue(
        outcome.text().matches("(?s)" + expected), () -> outcome + " instead of " + expected);
    assertEquals("passed", sandbox.run(NEXT).text());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    assertEquals(List.of(), processesWith(MARKER));
    assertEquals(0, ProcessHandle.current().descendants().count());
    assertEquals("untouched", Files.readString(victim));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(victim), files.toList());
    }
    try {
      server.accept();
      throw new AssertionError("a program reached a server of this machine");
    } catch (java.net.SocketTimeoutException e) {
      return; // nobody called
    }
  }

  private static List<String> processesWith(String text) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      for (ProcessHandle process : all.toList()) {
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
          String words = Files.readString(commandLine, StandardCharsets.ISO_8859_1);
          if (words.contains(text)) {
            found.add(words);
          }
        } catch (IOException e) { // it has just ended, before its file was opened or after
          if (process.isAlive()) {
            throw e;
          }
        }
      }
    }
    return found;
  }
}
