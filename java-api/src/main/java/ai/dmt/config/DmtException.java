package ai.dmt.config;

import org.jspecify.annotations.Nullable;

/**
 * What all exceptions of dmt have in common: a message that is for the user as it is.
 *
 * <p>A program that can act on a fault catches one of the subtypes; one that only reports it
 * catches this one.
 */
public abstract class DmtException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message for the user as it is
   * @param cause what led to it; null for none
   */
  protected DmtException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Makes an exception of which many are thrown, so that it has no trace.
   *
   * @param message for the user as it is
   */
  protected DmtException(String message) {
    super(message, null, false, false);
  }

  /** {@return what is wrong, for the user as it is; never null} */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
