package ai.dmt.watch;

/**
 * Something of a run that somebody should look at.
 *
 * @param kind what it is
 * @param step that it was seen at, the first one
 * @param value that was seen
 * @param usual what is usual in this run
 * @param advice what one can do
 */
public record Alert(Kind kind, long step, String value, String usual, String advice) {
  /** What can be the matter; the most urgent first. */
  public enum Kind {
    /** A loss or a gradient norm is NaN or infinite. */
    NOT_FINITE("A value is not finite"),
    /** No step comes any more. */
    STALL("No step comes"),
    /** The disk is too small for what the run still writes. */
    DISK("The disk is too small"),
    /** The gradient norm has grown many times. */
    GRADIENT("The gradient norm explodes"),
    /** The loss of a step is far above those before it. */
    SPIKE("The loss spikes"),
    /** Steps are much slower than they were. */
    THROUGHPUT("Training is slower than it was"),
    /** The loss does not fall any more. */
    PLATEAU("The loss does not fall");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** {@return a sentence without its full stop} */
    public String title() {
      return title;
    }
  }

  /** {@return step, value, the usual value and advice, as sentences} */
  public String text() {
    return "%s: %s; usual: %s. %s"
        .formatted(step == 0 ? "Before the first step" : "Step " + step, value, usual, advice);
  }
}
