package ai.dmt.engine;

import ai.dmt.config.DmtException;
import ai.dmt.internal.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A failure inside the engine. The message is one sentence or a few, without a native backtrace.
 */
public class EngineException extends DmtException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception with a message for the user.
   *
   * @param message a sentence or several lines; what does not print is escaped, what is too long is
   *     cut
   */
  public EngineException(String message) {
    super(Printable.lines(message), null);
  }

  /**
   * Makes an exception with a message for the user and what led to it.
   *
   * @param message a sentence or several lines; what does not print is escaped, what is too long is
   *     cut
   * @param cause what led to it; null if nothing did
   */
  public EngineException(String message, @Nullable Throwable cause) {
    super(Printable.lines(message), cause);
  }
}
