package ai.dmt.tokenizer;

import ai.dmt.config.DmtException;
import ai.dmt.internal.text.Printable;
import org.jspecify.annotations.Nullable;

/** A tokenizer that cannot be loaded. The message names the file. */
public class TokenizerException extends DmtException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception with a message for the user.
   *
   * @param message what is wrong, with the name of the file
   */
  public TokenizerException(String message) {
    super(Printable.sentence(message), null);
  }

  /**
   * Makes an exception with a message for the user and what led to it.
   *
   * @param message what is wrong, with the name of the file
   * @param cause what led to it; null if nothing did
   */
  public TokenizerException(String message, @Nullable Throwable cause) {
    super(Printable.sentence(message), cause);
  }
}
