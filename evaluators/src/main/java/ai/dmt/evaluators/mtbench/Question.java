package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question of FastChat's {@code question.jsonl}: {@code {"question_id", "category", "turns"}}.
 * Its field "reference" is not read, since FastChat's judge does not read it either.
 *
 * @param id as text; a whole number in MT-Bench
 * @param category such as "writing"
 * @param turns what the user says, one or two texts
 * @param rules for the rule-based judge; null where the record has none
 * @param origin of the line
 */
public record Question(
    String id, String category, List<String> turns, @Nullable JsonNode rules, Origin origin) {
  /**
   * Keeps the turns as they are now.
   *
   * @param id as text; a whole number in MT-Bench
   * @param category such as "writing"
   * @param turns what the user says, one or two texts
   * @param rules for the rule-based judge; null where the record has none
   * @param origin of the line
   */
  public Question {
    turns = List.copyOf(turns);
  }

  /**
   * Reads a file of questions.
   *
   * @param file in FastChat's form
   * @return at least one question, in the order of the file
   * @throws DataException naming file and line, if a record is malformed, an id stands twice or
   *     there is no record
   */
  public static List<Question> read(Path file) {
    Set<String> ids = new HashSet<>();
    List<Question> questions =
        JsonLines.read(
            file,
            line -> {
              Question question = of(line);
              if (!ids.add(question.id)) {
                throw new DataException(
                    line.origin(),
                    "question_id %s stands in the file twice".formatted(question.id));
              }
              return question;
            });
    if (questions.isEmpty()) {
      throw new DataException(new Origin(file.toString(), 0), "has no questions");
    }
    return questions;
  }

  private static Question of(JsonRecord line) {
    Question question =
        new Question(
            line.id("question_id"),
            line.text("category"),
            line.texts("turns"),
            line.has("rules") ? line.node().get("rules") : null,
            line.origin());
    if (question.turns.size() > 2) {
      throw new DataException(
          line.origin(),
          "question %s has %s turns, expected one or two"
              .formatted(question.id, question.turns.size()));
    }
    return question;
  }
}
