package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * evalplus's syntax-aware post-processing, by sanitize.py. It runs no code of the solutions, but
 * Python's parser reads them, and texts can break that; so it runs in the sandbox too.
 */
final class SolutionSanitizer {
  /** Parsing every run of lines is slow for long texts; the time of the tests has not begun. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private SolutionSanitizer() {}

  /** Sanitises solutions; one that breaks the parser stays as it is and will fail by itself. */
  static List<String> sanitize(
      List<HumanEvalProblem> problems, List<String> solutions, SandboxSettings settings)
      throws InterruptedException {
    String source = source();
    List<PythonProgram> programs = new ArrayList<>();
    for (int i = 0; i < solutions.size(); i++) {
      programs.add(new PythonProgram(source, "sanitize", argument(problems.get(i), solutions, i)));
    }
    SandboxSettings patient = settings.withLimits(settings.limits().withWallClock(LIMIT));
    try (Sandbox sandbox = Sandbox.open(patient)) {
      List<ProgramOutcome> outcomes = sandbox.runAll(programs, done -> {});
      List<String> sanitized = new ArrayList<>();
      for (int i = 0; i < outcomes.size(); i++) {
        ProgramOutcome outcome = outcomes.get(i);
        sanitized.add(outcome.passed() ? outcome.value().textValue() : solutions.get(i));
      }
      return sanitized;
    }
  }

  private static ObjectNode argument(HumanEvalProblem problem, List<String> solutions, int index) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("code", solutions.get(index))
        .put("entry_point", problem.entryPoint())
        .put("prompt", problem.prompt())
        .put("test", problem.test());
  }

  private static String source() {
    try (InputStream in = SolutionSanitizer.class.getResourceAsStream("sanitize.py")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
