package ai.dmt.internal.text;

import com.fasterxml.jackson.core.JsonProcessingException;

/** What Jackson says of malformed JSON, for users. */
public final class JsonFaults {
  /** Said of a text that goes on after its value. */
  public static final String MORE = "there is more after the end";

  private JsonFaults() {}

  /**
   * {@return the fault alone, without Jackson's remarks on where it reads from and on its own
   * settings}
   *
   * @param e what Jackson threw
   */
  public static String sentence(JsonProcessingException e) {
    return e.getOriginalMessage()
        .replaceAll("(?s)\\s*\\(start marker at .*\\)", "")
        .replaceFirst("(?s)^Duplicate field '(.*)' for `ObjectNode`: .*", "key \"$1\" occurs twice")
        .replaceFirst("^Document nesting depth .*", "it is nested deeper than 200 levels")
        .replaceFirst("^Trailing token .*", MORE);
  }
}
