package ai.dmt.engine;

import ai.dmt.config.DmtException;
import ai.dmt.config.Printable;

/**
 * A failure inside the engine. The message is one sentence or a few, without a native backtrace.
 */
public class EngineException extends DmtException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for the user. */
  public EngineException(String message) {
    super(Printable.lines(message), null);
  }

  /** Makes an exception with a message for the user and what led to it. */
  public EngineException(String message, Throwable cause) {
    super(Printable.lines(message), cause);
  }
}
