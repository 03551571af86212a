package ai.dmt.evaluators.gsm8k;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A problem of GSM8K.
 *
 * @param id 0-based place in the file, as text
 * @param origin where it was read
 * @param question as a model is asked
 * @param answer reasoning, then {@code #### n}
 */
public record Gsm8kProblem(String id, Origin origin, String question, String answer) {
  /**
   * Demands a number to compare with.
   *
   * @param id 0-based place in the file, as text
   * @param origin where it was read
   * @param question as a model is asked
   * @param answer reasoning, then {@code #### n}
   * @throws DataException if the answer has no {@code #### n}
   */
  public Gsm8kProblem {
    if (MarkedNumber.first(answer)
        .map(MarkedNumber::value)
        .filter(OptionalDouble::isPresent)
        .isEmpty()) {
      throw new DataException(
          origin,
          "\"answer\" has no \"#### n\" with a number n, so there is nothing to compare with");
    }
  }

  /**
   * Reads problems: JSON lines {@code {"question", "answer"}}, plain or gzip. Blank lines are
   * passed over and have no number.
   *
   * @param file plain or gzip
   * @return at least one problem, in the order of the file
   * @throws DataException naming file and line, if a problem is at fault or there is none
   */
  public static List<Gsm8kProblem> read(Path file) {
    List<JsonRecord> lines = JsonLines.read(file, line -> line);
    List<Gsm8kProblem> problems = new ArrayList<>();
    for (JsonRecord line : lines) {
      problems.add(
          new Gsm8kProblem(
              Integer.toString(problems.size()),
              line.origin(),
              line.text("question"),
              line.text("answer")));
    }
    if (problems.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no problems, expected at least one");
    }
    return problems;
  }
}
