package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that can only compute share a sandbox; all others have one of their own. */
@Timeout(600)
class PlainProgramsTest {
  private static final String TESTS =
      """
      def check(f):
          assert f([1, 2, 3]) == [2, 4, 6]
          assert right
      def right(xs):
          return 1
      check(solve)\
      """;
  private static final String RIGHT = "def solve(xs):\n    return [2 * x for x in xs]";

  private static Sandbox sandbox;

  @BeforeAll
  static void open() {
    SandboxLimits limits = SandboxLimits.defaults().withWallClock(Duration.ofSeconds(20));
    sandbox = Sandbox.open(SandboxSettings.defaults().withLimits(limits));
  }

  @AfterAll
  static void close() {
    sandbox.close();
  }

  /** How each ends beside all others. */
  private static List<String> together(List<String> solutions) throws InterruptedException {
    List<PythonProgram> programs =
        solutions.stream().map(solution -> PythonProgram.tested(solution, TESTS)).toList();
    return sandbox.runAll(programs, done -> {}).stream().map(ProgramOutcome::text).toList();
  }

  @Test
  void verdictsAreThoseOfASandboxEach() throws InterruptedException {
    List<String> solutions =
        List.of(
            RIGHT,
            "def solve(xs):\n    return xs",
            "def solve(xs):\n    return x",
            "def solve(xs:",
            "  def solve(xs):\n    return xs",
            "def solve(xs):\n    return [x + x for x in xs]",
            "def solve(xs):\n    return solve(xs)",
            "def solve(xs):\n    return xs[9]",
            "def twice(x):\n    return x * 2\ndef solve(xs):\n    return list(map(twice, xs))",
            "from typing import List\ndef solve(xs: List[int]):\n    return [2 * x for x in xs]",
            "import operator\ndef solve(xs):\n    return [operator.add(x, x) for x in xs]",
            "x = (",
            "sorted(-x for x in xs if x > 4)",
            "");
    List<String> alone = new ArrayList<>();
    for (String solution : solutions) {
      alone.add(sandbox.run(PythonProgram.tested(solution, TESTS)).text());
    }
    assertEquals(alone, together(solutions));
    assertEquals("passed", alone.get(0));
    assertEquals("failed: AssertionError", alone.get(1));
  }

  /** Whatever reaches beyond its own process, or replaces what tests call, runs by itself. */
  @Test
  void hostileProgramsNeitherPassNorReachTheOthers() throws InterruptedException {
    List<String> hostile =
        List.of(
            "import os\nos.system('touch /tmp/left')\ndef solve(xs): return 1",
            "open('/tmp/left', 'w').write('x')\ndef solve(xs): return 1",
            "class Equal:\n    def __eq__(self, other): return True\ndef solve(xs): return Equal()",
            "Equal = type('E', (), {'__eq__': lambda a, b: True})\ndef solve(xs): return Equal()",
            "import resource\n"
                + "resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))\n"
                + "def solve(xs): 1",
            "def solve(xs):\n    import os\n    os._exit(0)",
            "def solve(xs):\n    return '{0.__class__}'.format(xs)",
            "def solve(xs):\n    return [].__class__.__base__.__subclasses__()",
            "check = None\ndef solve(xs):\n    raise SystemExit",
            "def solve(xs):\n    return right(xs)",
            "def solve(xs):\n    return __builtins__");
    List<String> mixed = new ArrayList<>();
    for (String each : hostile) {
      mixed.add(each);
      mixed.add("import os\nassert not os.path.exists('/tmp/left')\n" + RIGHT);
      mixed.add(RIGHT);
    }
    List<String> ends = together(mixed);
    for (int i = 0; i < ends.size(); i++) {
      boolean honest = i % 3 != 0;
      assertEquals(honest, ends.get(i).equals("passed"), mixed.get(i) + ": " + ends.get(i));
    }
  }

  @Test
  void anEndlessProgramHoldsNobodyBack() throws InterruptedException {
    SandboxLimits quick = SandboxLimits.defaults().withWallClock(Duration.ofSeconds(2));
    try (Sandbox hasty = Sandbox.open(SandboxSettings.defaults().withLimits(quick))) {
      List<PythonProgram> programs =
          List.of(
              PythonProgram.tested("def solve(xs):\n    while True:\n        pass", TESTS),
              PythonProgram.tested(RIGHT, TESTS));
      assertEquals(
          List.of("timed out", "passed"),
          hasty.runAll(programs, done -> {}).stream().map(ProgramOutcome::text).toList());
    }
  }

  @Test
  void progressIsToldToTheEnd() throws InterruptedException {
    List<Integer> done = new ArrayList<>();
    List<PythonProgram> programs =
        Collections.nCopies(20, PythonProgram.tested("def solve(xs):\n    return xs", TESTS));
    sandbox.runAll(programs, done::add);
    assertEquals(20, done.get(done.size() - 1));
  }
}
