package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * evalplus's syntax-aware post-processing, by sanitize.py. It runs no code of the solutions, but
 * Python's parser reads them, and texts can break that; so it runs in the sandbox too.
 */
final class SolutionSanitizer {
  /** Parsing every run of lines is slow for long texts; the time of the tests has not begun. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final int TOGETHER = 32;

  private SolutionSanitizer() {}

  /**
   * Sanitises solutions, many in one process: starting Python costs more than most of them. Where
   * one breaks its process, those beside it are sanitised each alone; one that breaks the parser
   * even so stays as it is and will fail by itself.
   */
  static List<String> sanitize(
      List<HumanEvalProblem> problems, List<String> solutions, SandboxSettings settings)
      throws InterruptedException {
    String source = source();
    List<ObjectNode> arguments = new ArrayList<>();
    for (int i = 0; i < solutions.size(); i++) {
      arguments.add(argument(problems.get(i), solutions.get(i)));
    }
    List<PythonProgram> together = new ArrayList<>();
    for (int from = 0; from < arguments.size(); from += TOGETHER) {
      ArrayNode some = JsonNodeFactory.instance.arrayNode();
      some.addAll(arguments.subList(from, Math.min(from + TOGETHER, arguments.size())));
      together.add(new PythonProgram(source, "sanitize_all", some));
    }
    String[] sanitized = new String[solutions.size()];
    SandboxSettings patient = settings.withLimits(settings.limits().withWallClock(LIMIT));
    try (Sandbox sandbox = Sandbox.open(patient)) {
      List<ProgramOutcome> outcomes = sandbox.runAll(together, done -> {});
      List<Integer> alone = new ArrayList<>();
      for (int i = 0; i < sanitized.length; i++) {
        ProgramOutcome outcome = outcomes.get(i / TOGETHER);
        if (outcome.passed()) {
          sanitized[i] = value(outcome).get(i % TOGETHER).textValue();
        } else {
          alone.add(i);
        }
      }
      outcomes =
          sandbox.runAll(
              alone.stream()
                  .map(i -> new PythonProgram(source, "sanitize", arguments.get(i)))
                  .toList(),
              done -> {});
      for (int a = 0; a < alone.size(); a++) {
        int i = alone.get(a);
        ProgramOutcome outcome = outcomes.get(a);
        sanitized[i] = outcome.passed() ? value(outcome).textValue() : solutions.get(i);
      }
    }
    return List.of(sanitized);
  }

  /** Of a program that passed, so its function has returned. */
  private static JsonNode value(ProgramOutcome outcome) {
    return Objects.requireNonNull(outcome.value());
  }

  private static ObjectNode argument(HumanEvalProblem problem, String solution) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("code", solution)
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
