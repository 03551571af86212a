package ai.dmt.evaluators.mbpp;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A problem of MBPP.
 *
 * @param taskId number, as text
 * @param text what is to be written
 * @param tests assertions, in their order
 */
record MbppProblem(String taskId, String text, List<String> tests) {
  /**
   * Reads problems of the whole set or of the sanitized one: JSON lines or an array of {@code
   * {"task_id", "text" or "prompt", "test_list"}}.
   *
   * @throws DataException naming file and line, if a problem is at fault or there is none
   */
  static List<MbppProblem> read(Path file) {
    Set<String> ids = new HashSet<>();
    List<MbppProblem> problems =
        JsonLines.read(
            file,
            line -> {
              MbppProblem problem = parse(line);
              if (!ids.add(problem.taskId())) {
                throw new DataException(
                    line.origin(), "the task_id %s occurs twice".formatted(problem.taskId()));
              }
              return problem;
            });
    if (problems.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no problems, expected at least one");
    }
    return problems;
  }

  private static MbppProblem parse(JsonRecord line) {
    return new MbppProblem(
        Integer.toString(line.wholeNumber("task_id")),
        line.text(line.has("text") ? "text" : "prompt"),
        line.texts("test_list"));
  }

  /** Whether it is of the part that papers report: 11 to 510 of 974. */
  boolean isTest() {
    int number = Integer.parseInt(taskId);
    return number >= 11 && number <= 510;
  }

  /** What a solution must pass. */
  String test() {
    return String.join("\n", tests);
  }
}
