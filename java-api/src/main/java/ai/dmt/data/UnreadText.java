package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/** Tells text that a record would lose if nobody reads its field. */
final class UnreadText {
  /** Fields of public files that say where a record is from, not what it says. */
  private static final Set<String> ABOUT_THE_RECORD =
      Set.of(
          "id",
          "ids",
          "idx",
          "index",
          "uid",
          "uuid",
          "key",
          "hash",
          "source",
          "sources",
          "dataset",
          "data_source",
          "origin",
          "category",
          "categories",
          "topic",
          "subject",
          "domain",
          "type",
          "task",
          "task_type",
          "task_name",
          "tag",
          "tags",
          "lang",
          "language",
          "url",
          "link",
          "model",
          "model_name",
          "generator",
          "author",
          "created",
          "created_at",
          "timestamp",
          "date",
          "time",
          "version",
          "license",
          "split",
          "level",
          "difficulty",
          "quality");

  private UnreadText() {}

  /**
   * Whether a field that was not read holds text of its own. What a turn says already, or what
   * repeats all turns, as a rendered text does, is none.
   */
  static boolean isLost(String field, JsonNode value, List<Turn> turns) {
    boolean about = ABOUT_THE_RECORD.contains(field) || field.endsWith("_id");
    return !about && hasText(value) && !isRepetition(value, turns);
  }

  private static boolean hasText(JsonNode value) {
    if (value.isTextual()) {
      return !value.textValue().isBlank();
    }
    for (JsonNode part : value) {
      if (hasText(part)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isRepetition(JsonNode value, List<Turn> turns) {
    if (!value.isTextual() || turns.isEmpty()) {
      return false;
    }
    String text = value.textValue().strip();
    return turns.stream().anyMatch(turn -> turn.text().strip().equals(text))
        || turns.stream().allMatch(turn -> text.contains(turn.text().strip()));
  }
}
