package ai.dmt.study;

import ai.dmt.config.DmtException;

/**
 * A score cannot be had on this machine, such as that of code without a sandbox. It is then marked
 * as missing, never counted as zero.
 */
public final class MissingScoreException extends DmtException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param reason for people
   */
  public MissingScoreException(String reason) {
    super(reason, null);
  }
}
