package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs that pass without an answer are not passed, and odd programs that are honest are: the
 * folders forged and honest, whose first lines name the tests and, of the former, the verdict.
 */
@Timeout(600)
class ForgeriesTest {
  private static Sandbox sandbox;

  @BeforeAll
  static void open() {
    SandboxLimits limits = SandboxLimits.defaults().withWallClock(Duration.ofSeconds(30));
    sandbox = Sandbox.open(SandboxSettings.defaults().withLimits(limits));
  }

  @AfterAll
  static void close() {
    sandbox.close();
  }

  private static List<Path> files(String folder) throws Exception {
    try (Stream<Path> files = Files.list(folder(folder))) {
      return files.sorted().toList();
    }
  }

  private static Path folder(String name) throws Exception {
    return Path.of(ForgeriesTest.class.getResource(name).toURI());
  }

  static List<Path> forged() throws Exception {
    List<Path> files = files("forged");
    assertTrue(files.size() >= 50, files::toString);
    return files;
  }

  static List<Path> honest() throws Exception {
    return files("honest");
  }

  /** The first line's words after "# ". */
  private static String[] head(Path file) throws IOException {
    return Files.readString(file).lines().findFirst().orElseThrow().substring(2).split(": ", 2);
  }

  private static PythonProgram program(Path file) throws Exception {
    String tests = Files.readString(folder("tests").resolve(head(file)[0] + ".py"));
    return PythonProgram.tested(Files.readString(file), tests + "\ncheck(answer)");
  }

  @ParameterizedTest
  @MethodSource("forged")
  void forgeryDoesNotPass(Path file) throws Exception {
    ProgramOutcome outcome = sandbox.run(program(file));
    assertFalse(outcome.passed(), outcome::text);
    assertTrue(outcome.text().matches("(?s)" + head(file)[1]), outcome::text);
  }

  /** Of programs that are sent together none that forges counts as plain and passes. */
  @Test
  void forgeriesDoNotPassTogether() throws Exception {
    List<PythonProgram> programs = new ArrayList<>();
    for (Path file : forged()) {
      programs.add(program(file));
    }
    List<Optional<ProgramOutcome>> ends = sandbox.runEach(programs);
    for (int i = 0; i < programs.size(); i++) {
      assertFalse(ends.get(i).map(ProgramOutcome::passed).orElse(false), programs.get(i).source());
    }
  }

  @ParameterizedTest
  @MethodSource("honest")
  void honestProgramPasses(Path file) throws Exception {
    assertEquals("passed", sandbox.run(program(file)).text());
  }

  @Test
  void guessesThatDifferBetweenRunsAreNoForgeries() throws Exception {
    String guess = "import random\ndef answer(x):\n    return random.choice([True, False])";
    String tests = "def check(f):\n    assert f(1) == True\n    assert f(1) != 3\ncheck(answer)";
    List<PythonProgram> guesses = Collections.nCopies(16, PythonProgram.tested(guess, tests));
    for (ProgramOutcome outcome : sandbox.runAll(guesses, done -> {})) {
      assertNotEquals(ProgramOutcome.Status.FORGED, outcome.status(), outcome::text);
    }
  }

  @Test
  void forgeryTellsWhichLineWasMadeFalse() throws Exception {
    String any = "class A:\n    def __eq__(self, other): return True\nanswer = lambda x: A()";
    String tests = "def check(f):\n    assert f(1) == 1\n    assert f(2) == 2\ncheck(answer)";
    assertTrue(
        sandbox
            .run(PythonProgram.tested(any, tests))
            .text()
            .matches("forged: passes with line [23] of its tests made false"));
  }
}
