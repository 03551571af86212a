package ai.dmt.evaluators.judge;

import java.time.Duration;

/** A try that failed, where the next may succeed. */
final class TransientFault extends Exception {
  private static final long serialVersionUID = 1L;

  /** How long the server asked to wait; zero if it did not. */
  private final Duration retryAfter;

  TransientFault(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  TransientFault(String message) {
    this(message, Duration.ZERO);
  }

  Duration retryAfter() {
    return retryAfter;
  }
}
