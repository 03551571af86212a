package ai.dmt.data;

import ai.dmt.config.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Fields of a record, by the names that formats give them; faults name file, line and field. */
final class RecordFields {
  private static final int SHOWN_NAMES = 20;

  private final JsonNode record;
  private final Origin origin;
  private final FieldMapping mapping;

  RecordFields(JsonNode record, Origin origin, FieldMapping mapping) {
    this.record = record;
    this.origin = origin;
    this.mapping = mapping;
  }

  Origin origin() {
    return origin;
  }

  boolean hasAll(Collection<String> fields) {
    return fields.stream().allMatch(field -> record.has(mapping.nameOf(field)));
  }

  /** Names as they stand in the file, for messages. */
  String shownNames() {
    List<String> names = new ArrayList<>();
    record.fieldNames().forEachRemaining(name -> names.add(Printable.value(name)));
    int shown = Math.min(names.size(), SHOWN_NAMES);
    int more = names.size() - shown;
    return names.subList(0, shown) + (more == 0 ? "" : " and %s more".formatted(more));
  }

  /**
   * A text.
   *
   * @throws RecordFaultException if it is not there, or no text
   */
  String text(String field) {
    JsonNode value = get(field);
    if (!value.isTextual()) {
      throw mustBe(field, "a string", value);
    }
    return value.textValue();
  }

  /** A text that may be missing or null; then it is empty. */
  String textOrEmpty(String field) {
    JsonNode value = get(field);
    return value.isMissingNode() || value.isNull() ? "" : text(field);
  }

  /** A text or a number as text; empty for anything else. */
  String idOrEmpty(String field) {
    return get(field).asText("");
  }

  /** Elements of an array, each an object. */
  List<RecordFields> objects(String field) {
    JsonNode array = get(field);
    if (!array.isArray()) {
      throw mustBe(field, "an array", array);
    }
    List<RecordFields> objects = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isObject()) {
        throw mustBe(field + "[" + objects.size() + "]", "an object", element);
      }
      objects.add(new RecordFields(element, origin, mapping));
    }
    return objects;
  }

  /**
   * A text, or what a list of parts {@code {"type": "text", "text": ...}} says in turn.
   *
   * @throws RecordFaultException if it is neither, or if a part is no text
   */
  String textOrParts(String field) {
    if (!get(field).isArray()) {
      return text(field);
    }
    StringBuilder text = new StringBuilder();
    for (RecordFields part : objects(field)) {
      String type = part.record.path("type").asText("text");
      if (!type.equals("text")) {
        throw new RecordFaultException(
            origin,
            "\"%s\" has a part of type \"%s\", only text can be trained on"
                .formatted(mapping.nameOf(field), Printable.value(type)));
      }
      JsonNode said = part.record.path("text");
      if (!said.isTextual()) {
        throw part.mustBe("text", "a string", said);
      }
      text.append(said.textValue());
    }
    return text.toString();
  }

  /** Tags: a string, or an array of strings or of objects with a field "tag", as InsTag writes. */
  List<String> tags(String field) {
    JsonNode value = get(field);
    if (value.isTextual()) {
      return List.of(value.textValue());
    }
    List<String> tags = new ArrayList<>();
    for (JsonNode element : value.isArray() ? value : List.<JsonNode>of()) {
      String tag = element.isObject() ? element.path("tag").asText("") : element.asText("");
      if (!tag.isEmpty()) {
        tags.add(tag);
      }
    }
    return tags;
  }

  private JsonNode get(String field) {
    return record.path(mapping.nameOf(field));
  }

  private RecordFaultException mustBe(String field, String expected, JsonNode value) {
    return new RecordFaultException(
        origin,
        "\"%s\" must be %s, got %s"
            .formatted(
                mapping.nameOf(field),
                expected,
                value.isMissingNode() ? "nothing" : value.getNodeType()));
  }
}
