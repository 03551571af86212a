package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import ai.dmt.evaluators.json.PythonJson;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's answer to a question: a line of FastChat's {@code model_answer/MODEL.jsonl}, or of a
 * file of reference answers, which has the same fields.
 *
 * @param questionId of the question, as text
 * @param answerId 22 characters in FastChat's files
 * @param modelId name of the model
 * @param choices attempts, the first of which is judged
 * @param timestamp seconds since 1970
 * @param origin of the line; {@link Origin#UNKNOWN} for an answer just made
 */
public record ModelAnswer(
    String questionId,
    String answerId,
    String modelId,
    List<Choice> choices,
    double timestamp,
    Origin origin) {

  /**
   * One attempt.
   *
   * @param index 0-based number of the attempt
   * @param turns what the assistant says, one text for each turn of the question
   */
  public record Choice(int index, List<String> turns) {
    /**
     * Keeps the turns as they are now.
     *
     * @param index 0-based number of the attempt
     * @param turns what the assistant says, one text for each turn of the question
     */
    public Choice {
      turns = List.copyOf(turns);
    }
  }

  /**
   * Keeps the choices as they are now.
   *
   * @param questionId of the question, as text
   * @param answerId 22 characters in FastChat's files
   * @param modelId name of the model
   * @param choices attempts, the first of which is judged
   * @param timestamp seconds since 1970
   * @param origin of the line; {@link Origin#UNKNOWN} for an answer just made
   */
  public ModelAnswer {
    choices = List.copyOf(choices);
  }

  /** {@return the answers that are judged, turn after turn} */
  public List<String> turns() {
    return choices.get(0).turns();
  }

  /**
   * Reads a file of answers, by question.
   *
   * @param file in FastChat's form
   * @return the answers by question, in the order of the file
   * @throws DataException naming file and line, if a record is malformed, a question is answered
   *     twice or the answers are of several models
   */
  public static Map<String, ModelAnswer> read(Path file) {
    Map<String, ModelAnswer> answers = new LinkedHashMap<>();
    for (ModelAnswer answer : JsonLines.read(file, ModelAnswer::of)) {
      ModelAnswer earlier = answers.put(answer.questionId, answer);
      if (earlier != null) {
        throw new DataException(
            answer.origin,
            "question_id %s is answered in line %s already"
                .formatted(answer.questionId, earlier.origin.line()));
      }
      String model = answers.values().iterator().next().modelId;
      if (!answer.modelId.equals(model)) {
        throw new DataException(
            answer.origin,
            "model_id is \"%s\", the lines before have \"%s\"; expected one model a file"
                .formatted(answer.modelId, model));
      }
    }
    if (answers.isEmpty()) {
      throw new DataException(new Origin(file.toString(), 0), "has no answers");
    }
    return answers;
  }

  private static ModelAnswer of(JsonRecord line) {
    List<Choice> choices = new ArrayList<>();
    for (JsonRecord choice : line.objects("choices")) {
      choices.add(new Choice(choice.wholeNumber("index"), choice.texts("turns")));
    }
    return new ModelAnswer(
        line.id("question_id"),
        line.text("answer_id"),
        line.text("model_id"),
        choices,
        line.number("tstamp").doubleValue(),
        line.origin());
  }

  /** {@return the line as FastChat writes it} */
  public String json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("question_id", QuestionId.json(questionId));
    node.put("answer_id", answerId).put("model_id", modelId);
    ArrayNode attempts = node.putArray("choices");
    for (Choice choice : choices) {
      ArrayNode turns = attempts.addObject().put("index", choice.index).putArray("turns");
      choice.turns.forEach(turns::add);
    }
    return PythonJson.write(node.put("tstamp", timestamp));
  }
}
