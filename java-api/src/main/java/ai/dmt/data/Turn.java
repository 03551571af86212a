package ai.dmt.data;

import java.util.Objects;

/**
 * What one side says.
 *
 * @param text all of it
 * @param input the end of the text that an instruction is applied to, after a line feed; often
 *     empty. Templates that know no inputs ignore it
 * @param trained whether an answer carries loss; one that does not is only read
 */
public record Turn(Role role, String text, String input, boolean trained) {
  /** Demands all, and that the text ends with the input. */
  public Turn {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(input, "input");
    if (!input.isEmpty() && !text.endsWith("\n" + input)) {
      throw new IllegalArgumentException("the text of a turn must end with its input");
    }
  }

  /** A turn without an input. */
  public Turn(Role role, String text) {
    this(role, text, "", true);
  }

  /** A turn of the user. */
  public static Turn user(String text) {
    return new Turn(Role.USER, text);
  }

  /** A turn of the user; the input, where there is one, follows on a line of its own. */
  public static Turn user(String instruction, String input) {
    return input.isEmpty()
        ? user(instruction)
        : new Turn(Role.USER, instruction + "\n" + input, input, true);
  }

  /** A turn of the assistant. */
  public static Turn assistant(String text) {
    return new Turn(Role.ASSISTANT, text);
  }

  /** The same without loss. */
  public Turn untrained() {
    return new Turn(role, text, input, false);
  }

  /** The text without the input. */
  public String instruction() {
    return input.isEmpty() ? text : text.substring(0, text.length() - input.length() - 1);
  }
}
