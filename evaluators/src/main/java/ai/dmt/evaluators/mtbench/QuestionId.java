package ai.dmt.evaluators.mtbench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.util.Comparator;

/** Ids of questions in files: whole numbers are numbers there. */
final class QuestionId {
  /** Numbers by value and before all else; the rest as text. */
  static final Comparator<String> ORDER =
      Comparator.<String, Boolean>comparing(id -> !isNumber(id))
          .thenComparing((a, b) -> isNumber(a) ? number(a).compareTo(number(b)) : a.compareTo(b));

  private QuestionId() {}

  /** A number where the id is one. */
  static JsonNode json(String id) {
    return isNumber(id)
        ? JsonNodeFactory.instance.numberNode(number(id))
        : JsonNodeFactory.instance.textNode(id);
  }

  private static boolean isNumber(String id) {
    return id.matches("0|-?[1-9][0-9]*");
  }

  private static BigInteger number(String id) {
    return new BigInteger(id);
  }
}
