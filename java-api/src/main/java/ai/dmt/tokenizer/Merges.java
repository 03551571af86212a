package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;

/** The two forms of a merge in a tokenizer.json. */
final class Merges {
  private Merges() {}

  /** Both parts, of {@code "a b"} or of {@code ["a", "b"]}. */
  static String[] parts(JsonNode merge) {
    if (!merge.isTextual()) {
      return new String[] {merge.path(0).asText(), merge.path(1).asText()};
    }
    String text = merge.textValue();
    int space = text.indexOf(' ');
    return new String[] {text.substring(0, Math.max(space, 0)), text.substring(space + 1)};
  }
}
