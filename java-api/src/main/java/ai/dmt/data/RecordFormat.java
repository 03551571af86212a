package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shapes of records that are understood; a record's shape is told by its fields. */
enum RecordFormat {
  GSM8K("question, answer") {
    @Override
    List<Turn> turns(JsonNode record, Origin origin) {
      return exchange(text(record, "question", origin), text(record, "answer", origin));
    }
  },
  RFT("query, response") {
    @Override
    List<Turn> turns(JsonNode record, Origin origin) {
      return exchange(text(record, "query", origin), text(record, "response", origin));
    }
  },
  ALPACA("instruction, output") {
    /** The input, where there is one, follows the instruction on a line of its own. */
    @Override
    List<Turn> turns(JsonNode record, Origin origin) {
      String instruction = text(record, "instruction", origin);
      boolean hasInput = record.hasNonNull("input") && !record.get("input").asText().isEmpty();
      String question = hasInput ? instruction + "\n" + text(record, "input", origin) : instruction;
      return exchange(question, text(record, "output", origin));
    }
  },
  SHAREGPT("conversations") {
    @Override
    List<Turn> turns(JsonNode record, Origin origin) {
      JsonNode conversations = record.get("conversations");
      if (!conversations.isArray()) {
        throw new DataException(
            origin, "\"conversations\" must be an array, got " + conversations.getNodeType());
      }
      List<Turn> turns = new ArrayList<>();
      for (JsonNode turn : conversations) {
        turns.add(new Turn(role(text(turn, "from", origin), origin), text(turn, "value", origin)));
      }
      return turns;
    }
  };

  /** ShareGPT's names of the two sides, as they occur in public files. */
  private static final Map<String, Role> ROLES =
      Map.of(
          "human", Role.USER,
          "user", Role.USER,
          "gpt", Role.ASSISTANT,
          "chatgpt", Role.ASSISTANT,
          "bing", Role.ASSISTANT,
          "bard", Role.ASSISTANT,
          "assistant", Role.ASSISTANT,
          "system", Role.SYSTEM);

  private final List<String> fields;

  RecordFormat(String fields) {
    this.fields = List.of(fields.split(", "));
  }

  /** Turns of a record as they stand in it. */
  abstract List<Turn> turns(JsonNode record, Origin origin);

  /** The format that has these fields. */
  static Optional<RecordFormat> of(JsonNode record) {
    for (RecordFormat format : values()) {
      if (format.fields.stream().allMatch(record::has)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** For messages: the fields of each format. */
  static String expected() {
    List<String> shapes = new ArrayList<>();
    for (RecordFormat format : values()) {
      shapes.add("{" + String.join(", ", format.fields) + "}");
    }
    return String.join(" or ", shapes);
  }

  private static List<Turn> exchange(String question, String answer) {
    return List.of(Turn.user(question), Turn.assistant(answer));
  }

  private static Role role(String name, Origin origin) {
    Role role = ROLES.get(name);
    if (role == null) {
      throw new DataException(
          origin,
          "\"from\" is \"%s\", expected human, user, gpt, chatgpt, bing, bard, assistant or system"
              .formatted(name));
    }
    return role;
  }

  private static String text(JsonNode record, String field, Origin origin) {
    JsonNode value = record.path(field);
    if (!value.isTextual()) {
      throw new DataException(
          origin,
          "\"%s\" must be a string, got %s"
              .formatted(field, value.isMissingNode() ? "nothing" : value.getNodeType()));
    }
    return value.textValue();
  }
}
