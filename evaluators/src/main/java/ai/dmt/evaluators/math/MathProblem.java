package ai.dmt.evaluators.math;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A problem of MATH.
 *
 * @param id 0-based place in the file, as text
 * @param problem as a model is asked
 * @param answer what the solution puts into its last box
 */
record MathProblem(String id, String problem, String answer) {
  /**
   * Reads problems: JSON lines or an array of {@code {"problem", "solution"}}, as the data set has
   * them; other fields, such as level and type, are passed over.
   *
   * @throws DataException naming file and line, if a problem is at fault or there is none
   */
  static List<MathProblem> read(Path file) {
    List<MathProblem> problems = new ArrayList<>();
    for (JsonRecord line : JsonLines.read(file, line -> line)) {
      String answer =
          Boxed.last(line.text("solution"))
              .orElseThrow(
                  () ->
                      new DataException(
                          line.origin(),
                          "\"solution\" has no \\boxed{}, so there is nothing to compare with"));
      problems.add(
          new MathProblem(Integer.toString(problems.size()), line.text("problem"), answer));
    }
    if (problems.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no problems, expected at least one");
    }
    return problems;
  }
}
