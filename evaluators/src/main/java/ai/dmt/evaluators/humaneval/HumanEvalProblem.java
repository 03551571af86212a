package ai.dmt.evaluators.humaneval;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import ai.dmt.evaluators.sandbox.PythonProgram;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One problem, in the fields of HumanEval.jsonl.
 *
 * @param taskId such as "HumanEval/0"
 * @param prompt imports, helpers, and the head of the function with its docstring
 * @param entryPoint name of the function
 * @param test source of a function {@code check} that takes the function
 * @param canonicalSolution body of the function; empty where the file has none
 */
public record HumanEvalProblem(
    String taskId, String prompt, String entryPoint, String test, String canonicalSolution) {

  /**
   * Reads JSON lines, plain or gzip.
   *
   * @param file in the form of HumanEval.jsonl
   * @return the problems in the order of the file
   * @throws DataException naming file, line and field
   */
  public static List<HumanEvalProblem> read(Path file) {
    Set<String> ids = new HashSet<>();
    List<HumanEvalProblem> problems =
        JsonLines.read(
            file,
            line -> {
              HumanEvalProblem problem = parse(line);
              if (!ids.add(problem.taskId())) {
                throw new DataException(
                    line.origin(), "the task_id \"%s\" occurs twice".formatted(problem.taskId()));
              }
              return problem;
            });
    if (problems.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no problems, expected at least one");
    }
    return problems;
  }

  private static HumanEvalProblem parse(JsonRecord line) {
    return new HumanEvalProblem(
        line.text("task_id"),
        line.text("prompt"),
        line.text("entry_point"),
        line.text("test"),
        line.has("canonical_solution") ? line.text("canonical_solution") : "");
  }

  /** A solution followed by its tests. */
  PythonProgram program(String solution) {
    return PythonProgram.tested(solution, "%s\ncheck(%s)".formatted(test, entryPoint));
  }
}
