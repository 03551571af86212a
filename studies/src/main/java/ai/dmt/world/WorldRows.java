package ai.dmt.world;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Records as the real data sets have them. */
final class WorldRows {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A record of a file from its number, counted from 0, and what it says. */
  interface RowWriter<T> {
    ObjectNode row(int number, T value);
  }

  private WorldRows() {}

  static <T> Stream<ObjectNode> of(List<T> values, RowWriter<T> writer) {
    return IntStream.range(0, values.size()).mapToObj(i -> writer.row(i, values.get(i)));
  }

  static ObjectNode gsm8k(int number, MathProblem problem) {
    return JSON.createObjectNode()
        .put("question", problem.question())
        .put("answer", problem.workedAnswer());
  }

  /** The instruction is the stub, as HumanEval prompts with it; the output is the function. */
  static ObjectNode alpaca(int number, CodeTask task) {
    return alpaca(task.stub(), "", task.function());
  }

  static ObjectNode alpaca(int number, Errand errand) {
    return alpaca(errand.instruction(), errand.input(), errand.answer());
  }

  private static ObjectNode alpaca(String instruction, String input, String output) {
    return JSON.createObjectNode()
        .put("instruction", instruction)
        .put("input", input)
        .put("output", output);
  }

  static ObjectNode humanEval(int number, CodeTask task) {
    return JSON.createObjectNode()
        .put("task_id", "World/" + number)
        .put("prompt", task.stub())
        .put("entry_point", CodeTask.NAME)
        .put("canonical_solution", task.body())
        .put("test", task.test());
  }

  static ObjectNode shareGpt(int number, ChatRow row) {
    ObjectNode record = JSON.createObjectNode().put("id", "world_" + number);
    ArrayNode turns = record.putArray("conversations");
    for (int turn = 0; turn < row.texts().size(); turn++) {
      turns
          .addObject()
          .put("from", turn % 2 == 0 ? "human" : "gpt")
          .put("value", row.texts().get(turn));
    }
    row.tags().forEach(record.putArray("tags")::add);
    return record;
  }

  static ObjectNode question(int number, Exercise exercise) {
    ObjectNode record =
        JSON.createObjectNode().put("question_id", number).put("category", exercise.category());
    exercise.requests().forEach(record.putArray("turns")::add);
    exercise.answers().forEach(record.putArray("reference")::add);
    ArrayNode rules = record.putArray("rules");
    exercise.bareAnswers().forEach(answer -> rules(exercise, answer, rules.addArray()));
    return record;
  }

  /**
   * 3 points for the form and 4 for the words, and nothing where less than a quarter of the words
   * is right; 2 points for an extra rule where there is one.
   */
  private static void rules(Exercise exercise, String answer, ArrayNode rules) {
    for (String kind : List.of("skeleton", "words_in_place")) {
      ObjectNode rule = rules.addObject().put("type", kind).put("expected", answer);
      rule.put("weight", kind.equals("skeleton") ? 3 : 4);
      if (kind.equals("words_in_place")) {
        rule.put("gate", 0.25);
      }
      if (!exercise.opening().isEmpty()) {
        rule.put("strip_start", exercise.opening());
      }
      if (!exercise.ending().isEmpty()) {
        rule.put("strip_end", exercise.ending());
      }
    }
    if (!exercise.opening().isEmpty()) {
      rules.addObject().put("type", "starts_with").put("text", exercise.opening()).put("weight", 2);
    }
    if (!exercise.ending().isEmpty()) {
      rules.addObject().put("type", "ends_with").put("text", exercise.ending()).put("weight", 2);
    }
  }
}
