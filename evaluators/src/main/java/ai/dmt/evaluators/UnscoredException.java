package ai.dmt.evaluators;

import ai.dmt.config.DmtException;
import org.jspecify.annotations.Nullable;

/**
 * Answers have no score, though nothing is wrong with them: who should have scored them could not
 * be asked. The score is then missing, never zero.
 */
public final class UnscoredException extends DmtException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param reason for people
   * @param cause null for none
   */
  public UnscoredException(String reason, @Nullable Throwable cause) {
    super(reason, cause);
  }
}
