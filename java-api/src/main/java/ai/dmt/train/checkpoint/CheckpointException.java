package ai.dmt.train.checkpoint;

import ai.dmt.config.DmtException;
import ai.dmt.config.Printable;

/** A checkpoint that is damaged, missing, or that of another run. The message is for the user. */
public final class CheckpointException extends DmtException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception. */
  public CheckpointException(String message) {
    super(Printable.lines(message), null);
  }

  /** Makes an exception with what led to it. */
  public CheckpointException(String message, Throwable cause) {
    super(Printable.lines(message), cause);
  }
}
