package ai.dmt.doctor;

/**
 * How far one quantity is from what was expected.
 *
 * @param quantity such as "gradient model.norm.weight"
 * @param absoluteError largest difference of an element; NaN if one is not a number
 * @param relativeError norm of the difference over the norm of what was expected
 * @param tolerance as text, such as "1e-4 absolute"; "-" where there is none
 * @param verdict whether it holds
 */
public record Finding(
    String quantity,
    double absoluteError,
    double relativeError,
    String tolerance,
    Verdict verdict) {

  /** Whether a quantity is as it should be. */
  public enum Verdict {
    /** Within the tolerance. */
    OK("ok"),
    /** Not within it. */
    FAIL("FAIL"),
    /** Told for information; no tolerance is stated. */
    NONE("-");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /** For a report. */
    public String text() {
      return text;
    }
  }
}
