package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A token that is found in a text before the vocabulary's own tokens are.
 *
 * @param lstrip whether it takes the white space in front of it
 * @param rstrip whether it takes the white space after it
 * @param normalized whether it is looked for in the text after normalisation
 * @param special whether it controls the model rather than spells a text
 */
record AddedToken(
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A control token that the files name by its text alone. */
  static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false, true);
  }

  /** Reads the form in which all of the files have it. */
  static AddedToken read(JsonNode token) {
    boolean special = token.path("special").asBoolean();
    return new AddedToken(
        token.path("content").asText(),
        token.path("single_word").asBoolean(),
        token.path("lstrip").asBoolean(),
        token.path("rstrip").asBoolean(),
        token.path("normalized").asBoolean(!special),
        special);
  }

  AddedToken asSpecial() {
    return new AddedToken(content, singleWord, lstrip, rstrip, normalized, true);
  }

  AddedToken asNormalized() {
    return new AddedToken(content, singleWord, lstrip, rstrip, true, special);
  }

  /** As a control token that no text spells: found by another name, wherever it stands. */
  ObjectNode sealed(ObjectNode into, int id, String name) {
    return write(into, id, name, false, false);
  }

  ObjectNode write(ObjectNode into, int id) {
    return write(into, id, content, singleWord, normalized);
  }

  private ObjectNode write(
      ObjectNode into, int id, String name, boolean wordAlone, boolean normal) {
    return into.put("id", id)
        .put("content", name)
        .put("single_word", wordAlone)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normal)
        .put("special", special);
  }
}
