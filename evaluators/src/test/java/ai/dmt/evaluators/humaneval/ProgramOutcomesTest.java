package ai.dmt.evaluators.humaneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.SandboxLimits;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProgramOutcomesTest {
  private static final SandboxSettings SETTINGS = SandboxSettings.defaults();

  /** Nothing can run with it. */
  private static final SandboxSettings NO_PYTHON =
      new SandboxSettings("/no/such/python", 1, SETTINGS.limits(), false);

  private final ProgramOutcomes outcomes = new ProgramOutcomes();

  private static List<PythonProgram> programs(String... sources) {
    return Stream.of(sources).map(PythonProgram::of).toList();
  }

  private List<String> texts(List<PythonProgram> programs, SandboxSettings settings)
      throws InterruptedException {
    return outcomes.of(programs, settings, done -> {}).stream().map(ProgramOutcome::text).toList();
  }

  @Test
  void anEqualProgramDoesNotRunAgain() throws InterruptedException {
    List<PythonProgram> programs = programs("assert 1 == 1", "assert 1 == 2", "assert 1 == 1");
    List<String> expected = List.of("passed", "failed: AssertionError", "passed");
    List<Integer> done = new ArrayList<>();
    outcomes.of(programs, SETTINGS, done::add);
    assertEquals(List.of(1, 2, 3), done, "a repeat is done before anything runs");
    assertEquals(expected, texts(programs, NO_PYTHON), "nothing is left to run");
    List<PythonProgram> more = programs("assert 1 == 1", "assert 2 == 2");
    assertThrows(ConfigException.class, () -> texts(more, NO_PYTHON));
  }

  @Test
  void whatTheTimeOutEndedIsTriedAgain() throws InterruptedException {
    SandboxSettings quick =
        SETTINGS.withLimits(SandboxLimits.defaults().withWallClock(Duration.ofSeconds(1)));
    List<PythonProgram> endless = programs("while True: pass");
    assertEquals(List.of("timed out"), texts(endless, quick));
    assertThrows(ConfigException.class, () -> texts(endless, NO_PYTHON));
  }
}
