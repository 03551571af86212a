package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import ai.dmt.evaluators.json.PythonJson;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;

/**
 * A judge's opinion on one turn of one answer: a line of FastChat's {@code
 * model_judgment/JUDGE_single.jsonl}.
 *
 * @param questionId of the question, as text
 * @param model whose answer it is
 * @param judge who judges
 * @param judgePrompt name of the prompt
 * @param userPrompt what the judge was shown
 * @param judgment what it said; {@link #NO_REPLY} if it did not answer
 * @param score the rating in the judgement
 * @param turn 1 or 2
 * @param timestamp seconds since 1970
 */
public record Judgment(
    String questionId,
    String model,
    String judge,
    String judgePrompt,
    String userPrompt,
    String judgment,
    Rating score,
    int turn,
    double timestamp) {

  /** What FastChat writes where the judge could not be reached. */
  public static final String NO_REPLY = "$ERROR$";

  /**
   * Reads a file of judgements.
   *
   * @param file in FastChat's form
   * @return at least one judgement, in the order of the file
   * @throws DataException naming file and line, if a record is malformed or there is none
   */
  public static List<Judgment> read(Path file) {
    List<Judgment> judgments = JsonLines.read(file, Judgment::of);
    if (judgments.isEmpty()) {
      throw new DataException(new Origin(file.toString(), 0), "has no judgements");
    }
    return judgments;
  }

  /**
   * Reads a line of a file. @throws DataException naming file and line, if it is malformed
   *
   * @param line a JSON object
   * @return the judgement of a single answer
   * @throws DataException naming file and line, if it is malformed
   */
  public static Judgment of(JsonRecord line) {
    if (line.has("model_1")) {
      throw new DataException(
          line.origin(), "compares two models; expected judgements of single answers");
    }
    List<String> judge = line.texts("judge");
    int turn = line.wholeNumber("turn");
    if (judge.size() != 2 || turn < 1 || turn > 2) {
      throw new DataException(
          line.origin(),
          "expected \"judge\": [name, prompt] and \"turn\": 1 or 2, got %s and %s"
              .formatted(judge, turn));
    }
    double score = line.number("score").doubleValue();
    if (score != -1 && !Rating.isOnScale(score)) {
      throw new DataException(
          line.origin(),
          "expected \"score\" from 0 to 10, or -1 for none, got %s".formatted(score));
    }
    return new Judgment(
        line.id("question_id"),
        line.text("model"),
        judge.get(0),
        judge.get(1),
        line.text("user_prompt"),
        line.text("judgment"),
        new Rating(line.number("score")),
        turn,
        line.number("tstamp").doubleValue());
  }

  /** {@return the line as FastChat writes it} */
  public String json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("question_id", QuestionId.json(questionId));
    node.put("model", model).putArray("judge").add(judge).add(judgePrompt);
    node.put("user_prompt", userPrompt).put("judgment", judgment);
    if (score.number() instanceof Double) {
      node.put("score", score.value());
    } else {
      node.put("score", (BigInteger) score.number());
    }
    return PythonJson.write(node.put("turn", turn).put("tstamp", timestamp));
  }
}
