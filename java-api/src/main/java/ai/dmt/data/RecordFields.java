package ai.dmt.data;

import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Fields of a record, by the names that formats give them; faults name file, line and field. */
final class RecordFields {
  private static final int SHOWN_NAMES = 20;

  /** What axolotl and ms-swift call an answer that is only read. */
  private static final List<String> UNTRAINED_IF_FALSE = List.of("train", "training", "loss");

  private final JsonNode record;
  private final Origin origin;
  private final FieldMapping mapping;
  private final String place; // in front of a field's name, such as "messages[]."
  private final Set<String> read = new HashSet<>();
  private final List<RecordFields> parts = new ArrayList<>();
  private boolean otherWeight;

  RecordFields(JsonNode record, Origin origin, FieldMapping mapping) {
    this(record, origin, mapping, "");
  }

  private RecordFields(JsonNode record, Origin origin, FieldMapping mapping, String place) {
    this.record = record;
    this.origin = origin;
    this.mapping = mapping;
    this.place = place;
  }

  Origin origin() {
    return origin;
  }

  boolean hasAll(Collection<String> fields) {
    return fields.stream().allMatch(field -> record.has(mapping.nameOf(field)));
  }

  /**
   * Which names of the record stand for fields that it lacks, if each of these has one that is near
   * and none of them is another field's.
   */
  Optional<String> misspelt(List<String> fields) {
    List<String> meant = new ArrayList<>();
    for (String field : fields) {
      if (!record.has(mapping.nameOf(field))) {
        Optional<String> near = nearest(field);
        if (near.isEmpty()) {
          return Optional.empty();
        }
        meant.add("\"%s\" by \"%s\"".formatted(mapping.nameOf(field), Printable.value(near.get())));
      }
    }
    return Optional.of("did you mean %s?".formatted(String.join(", ", meant)));
  }

  private Optional<String> nearest(String field) {
    String name = mapping.nameOf(field);
    List<String> names = new ArrayList<>();
    record.fieldNames().forEachRemaining(names::add);
    names.removeAll(RecordFormat.knownFields());
    return NearestName.of(name, names)
        .filter(
            near ->
                NearestName.distance(name, near) <= 1 + name.length() / 6
                    || letters(name).equals(letters(near))); // some of them have changed places
  }

  private static String letters(String name) {
    return name.chars().sorted().mapToObj(Integer::toString).collect(Collectors.joining(" "));
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
      objects.add(
          new RecordFields(element, origin, mapping, place + mapping.nameOf(field) + "[]."));
    }
    parts.addAll(objects);
    return objects;
  }

  /** Pairs of texts, such as earlier questions with their answers; empty if there are none. */
  List<List<String>> pairs(String field) {
    JsonNode array = get(field);
    List<List<String>> pairs = new ArrayList<>();
    if (array.isMissingNode() || array.isNull()) {
      return pairs;
    }
    if (!array.isArray()) {
      throw mustBe(field, "an array of pairs of strings", array);
    }
    for (JsonNode pair : array) {
      if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
        throw mustBe(field + "[" + pairs.size() + "]", "a pair of strings", pair);
      }
      pairs.add(List.of(pair.path(0).textValue(), pair.path(1).textValue()));
    }
    return pairs;
  }

  /** Whether a weight is not 0, and no field such as train says that nothing is learnt here. */
  boolean isTrained() {
    JsonNode weight = get("weight");
    double value = weight.isMissingNode() || weight.isNull() ? 1 : weight.asDouble(1);
    otherWeight |= value != 0 && value != 1;
    return value != 0 && UNTRAINED_IF_FALSE.stream().allMatch(field -> get(field).asBoolean(true));
  }

  /** Whether a weight was read that is neither 0 nor 1. */
  boolean hasOtherWeight() {
    return otherWeight || parts.stream().anyMatch(RecordFields::hasOtherWeight);
  }

  /** Takes back that a field was read: what it says is not used. */
  void leave(String field) {
    read.remove(mapping.nameOf(field));
  }

  /** Fields with text that were not read, by their names in the file. */
  TreeSet<String> unread(List<Turn> turns) {
    TreeSet<String> unread = new TreeSet<>();
    record
        .properties()
        .forEach(
            field -> {
              String name = field.getKey();
              if (!read.contains(name) && UnreadText.isLost(name, field.getValue(), turns)) {
                unread.add(Printable.value(place + name));
              }
            });
    parts.forEach(part -> unread.addAll(part.unread(turns)));
    return unread;
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
      part.read.addAll(List.of("type", "text"));
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
    read.add(mapping.nameOf(field));
    return record.path(mapping.nameOf(field));
  }

  private RecordFaultException mustBe(String field, String expected, JsonNode value) {
    return new RecordFaultException(
        origin,
        "\"%s\" must be %s, got %s"
            .formatted(
                mapping.nameOf(field),
                expected,
                value.isMissingNode() ? nothing(field) : value.getNodeType()));
  }

  private String nothing(String field) {
    return misspelt(List.of(field)).map(hint -> "nothing; " + hint).orElse("nothing");
  }
}
