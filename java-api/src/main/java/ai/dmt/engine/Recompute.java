package ai.dmt.engine;

import ai.dmt.config.ConfigException;

/** What the backward pass computes again instead of keeping it, per decoder block. */
public enum Recompute {
  /** Nothing: fastest, most memory. */
  NONE("none"),
  /** Norms and the activation function; no matrix product is repeated. */
  CHEAP("cheap"),
  /** The whole block except the attention kernel, whose output is kept. */
  ATTENTION("attention"),
  /** The whole block: only its input is kept. */
  FULL("full");

  private final String text;

  Recompute(String text) {
    this.text = text;
  }

  /** {@return the name on the command line, such as "cheap"} */
  public String text() {
    return text;
  }

  /**
   * Reads a name as {@link #text()} gives it.
   *
   * @param text "none", "cheap", "attention" or "full"
   * @return the level of this name
   * @throws ConfigException if there is no such level
   */
  public static Recompute parse(String text) {
    for (Recompute level : values()) {
      if (level.text.equals(text)) {
        return level;
      }
    }
    throw new ConfigException(
        "recompute must be none, cheap, attention or full, got \"" + text + "\"");
  }
}
