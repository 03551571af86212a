package ai.dmt.train.checkpoint;

import ai.dmt.config.DmtException;
import ai.dmt.internal.text.Printable;
import org.jspecify.annotations.Nullable;

/** A checkpoint that is damaged, missing, or that of another run. The message is for the user. */
public final class CheckpointException extends DmtException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception with a message for the user.
   *
   * @param message a sentence or several lines; what does not print is escaped, what is too long is
   *     cut
   */
  public CheckpointException(String message) {
    super(Printable.lines(message), null);
  }

  /**
   * Makes an exception with a message for the user and what led to it.
   *
   * @param message a sentence or several lines; what does not print is escaped, what is too long is
   *     cut
   * @param cause what led to it; null if nothing did
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(Printable.lines(message), cause);
  }
}
