package ai.dmt.data;

import java.util.Objects;

/**
 * What one side says.
 *
 * @param role which side it is
 * @param text all of it
 * @param input the end of the text that an instruction is applied to, after a line feed; often
 *     empty. Templates that know no inputs ignore it
 * @param trained whether an answer carries loss; one that does not is only read
 */
public record Turn(Role role, String text, String input, boolean trained) {
  /**
   * Demands all, and that the text ends with the input.
   *
   * @param role see {@link #role()}
   * @param text see {@link #text()}
   * @param input see {@link #input()}
   * @param trained see {@link #trained()}
   * @throws NullPointerException if role, text or input is null
   * @throws IllegalArgumentException if there is an input and the text does not end with it, after
   *     a line feed
   */
  public Turn {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(input, "input");
    if (!input.isEmpty() && !text.endsWith("\n" + input)) {
      throw new IllegalArgumentException("the text of a turn must end with its input");
    }
  }

  /**
   * Makes a turn without an input; as an answer it carries loss.
   *
   * @param role see {@link #role()}
   * @param text see {@link #text()}
   */
  public Turn(Role role, String text) {
    this(role, text, "", true);
  }

  /**
   * {@return a turn of the user, without an input}
   *
   * @param text see {@link #text()}
   */
  public static Turn user(String text) {
    return new Turn(Role.USER, text);
  }

  /**
   * {@return a turn of the user; the input, where there is one, follows on a line of its own}
   *
   * @param instruction what is asked for
   * @param input what it is applied to; empty for none
   */
  public static Turn user(String instruction, String input) {
    return input.isEmpty()
        ? user(instruction)
        : new Turn(Role.USER, instruction + "\n" + input, input, true);
  }

  /**
   * {@return a turn of the assistant, which carries loss}
   *
   * @param text see {@link #text()}
   */
  public static Turn assistant(String text) {
    return new Turn(Role.ASSISTANT, text);
  }

  /** {@return the same without loss} */
  public Turn untrained() {
    return new Turn(role, text, input, false);
  }

  /** {@return the text without the input and the line feed before it} */
  public String instruction() {
    return input.isEmpty() ? text : text.substring(0, text.length() - input.length() - 1);
  }
}
