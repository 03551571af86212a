package ai.dmt.train;

import java.util.Locale;

/** What amounts of data are counted in. */
public enum Measure {
  /** Conversations. */
  SAMPLES,
  /** All tokens of the samples, begin tokens included. */
  TOKENS,
  /** Tokens that carry loss. */
  LABEL_TOKENS;

  /** {@return the name in recipes and ledgers, such as "label_tokens"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
