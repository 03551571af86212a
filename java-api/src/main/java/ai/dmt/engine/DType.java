package ai.dmt.engine;

import ai.dmt.config.ConfigException;

/** Type of the weights and activations that matrix products see, or of weights in a file. */
public enum DType {
  /** 32-bit IEEE floats. */
  FLOAT32("float32"),
  /** 16 bits with the exponent of a float32. Master weights and moments stay float32. */
  BFLOAT16("bfloat16");

  private final String text;

  DType(String text) {
    this.text = text;
  }

  /** {@return the name as in config.json and on the command line, such as "bfloat16"} */
  public String text() {
    return text;
  }

  /**
   * Reads a name as {@link #text()} gives it.
   *
   * @param text "float32" or "bfloat16"
   * @return the type of this name
   * @throws ConfigException if there is no such type
   */
  public static DType parse(String text) {
    return parse("dtype", text);
  }

  /**
   * As {@link #parse(String)}, with a message that says which setting is wrong.
   *
   * @param name what the user calls it, for the message
   * @param text "float32" or "bfloat16"
   * @return the type of this name
   * @throws ConfigException if there is no such type
   */
  public static DType parse(String name, String text) {
    for (DType type : values()) {
      if (type.text.equals(text)) {
        return type;
      }
    }
    throw new ConfigException("%s must be float32 or bfloat16, got \"%s\"".formatted(name, text));
  }
}
