package ai.dmt.evaluators.json;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON object of a file; faults name file, line and field.
 *
 * @param node the object
 * @param origin of its line
 */
public record JsonRecord(JsonNode node, Origin origin) {
  /** Whether a field is there and not null. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A text. */
  public String text(String field) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw mustBe(field, "a string", value);
    }
    return value.textValue();
  }

  /** A whole number or a text, as text. */
  public String id(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() && !value.isTextual()) {
      throw mustBe(field, "a whole number or a string", value);
    }
    return value.asText();
  }

  /** A whole number that fits an int. */
  public int wholeNumber(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw mustBe(field, "a whole number", value);
    }
    return value.intValue();
  }

  /** A number. */
  public Number number(String field) {
    JsonNode value = node.path(field);
    if (!value.isNumber()) {
      throw mustBe(field, "a number", value);
    }
    return value.numberValue();
  }

  /** An array of texts, at least one. */
  public List<String> texts(String field) {
    JsonNode array = node.path(field);
    if (!array.isArray() || array.isEmpty()) {
      throw mustBe(field, "an array of strings, at least one", array);
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isTextual()) {
        throw mustBe("%s[%s]".formatted(field, texts.size()), "a string", element);
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  /** An array of objects, at least one; their faults name the same line. */
  public List<JsonRecord> objects(String field) {
    JsonNode array = node.path(field);
    if (!array.isArray() || array.isEmpty()) {
      throw mustBe(field, "an array of objects, at least one", array);
    }
    List<JsonRecord> objects = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isObject()) {
        throw mustBe("%s[%s]".formatted(field, objects.size()), "an object", element);
      }
      objects.add(new JsonRecord(element, origin));
    }
    return objects;
  }

  /** A fault of a field. */
  public DataException mustBe(String field, String expected, JsonNode value) {
    String got =
        switch (value.getNodeType()) {
          case MISSING -> "nothing";
          case NULL -> "null";
          case NUMBER, BOOLEAN -> value.asText();
          case STRING -> "a string";
          case ARRAY -> value.isEmpty() ? "an empty array" : "an array";
          default -> "an object";
        };
    return new DataException(origin, "\"%s\" must be %s, got %s".formatted(field, expected, got));
  }
}
