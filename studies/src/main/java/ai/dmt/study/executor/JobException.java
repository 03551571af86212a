package ai.dmt.study.executor;

import java.io.IOException;

/** A scheduler refuses a job, or cannot be asked: the message has its own words. */
public final class JobException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message with the scheduler's words as they were
   */
  public JobException(String message) {
    super(message);
  }
}
