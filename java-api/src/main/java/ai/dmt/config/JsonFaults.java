package ai.dmt.config;

import com.fasterxml.jackson.core.JsonProcessingException;

/** What Jackson says of malformed JSON, for users. */
public final class JsonFaults {
  private JsonFaults() {}

  /** The fault alone, without Jackson's remarks on where it reads from and on its own settings. */
  public static String sentence(JsonProcessingException e) {
    return e.getOriginalMessage().replaceAll("(?s)\\s*\\(start marker at .*\\)", "");
  }
}
