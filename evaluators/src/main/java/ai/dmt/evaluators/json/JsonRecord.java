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
  /**
   * {@return whether a field is there and not null}
   *
   * @param field name in the object
   */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /**
   * {@return a text}
   *
   * @param field name in the object
   * @throws DataException if it is no string
   */
  public String text(String field) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw mustBe(field, "a string", value);
    }
    return value.textValue();
  }

  /**
   * {@return a whole number or a text, as text}
   *
   * @param field name in the object
   * @throws DataException if it is neither
   */
  public String id(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() && !value.isTextual()) {
      throw mustBe(field, "a whole number or a string", value);
    }
    return value.asText();
  }

  /**
   * {@return a whole number that fits an int}
   *
   * @param field name in the object
   * @throws DataException if it is none
   */
  public int wholeNumber(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw mustBe(field, "a whole number", value);
    }
    return value.intValue();
  }

  /**
   * {@return a number}
   *
   * @param field name in the object
   * @throws DataException if it is none
   */
  public Number number(String field) {
    JsonNode value = node.path(field);
    if (!value.isNumber()) {
      throw mustBe(field, "a number", value);
    }
    return value.numberValue();
  }

  /**
   * {@return an array of texts, at least one}
   *
   * @param field name in the object
   * @throws DataException if it is no array, is empty, or holds something else
   */
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

  /**
   * {@return an array of objects, at least one; their faults name the same line}
   *
   * @param field name in the object
   * @throws DataException if it is no array, is empty, or holds something else
   */
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

  /**
   * {@return a fault of a field, to be thrown by the caller}
   *
   * @param field name in the object
   * @param expected what it must be, such as "a string"
   * @param value what it is; a missing node if it is not there
   */
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
