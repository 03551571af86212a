package ai.dmt.data;

/** Why something of the data is not trained on. Each is counted and reported. */
public enum DropReason {
  /** Turns before the first of the user, other than a system turn. */
  LEADING_TURN("turns before the first question"),
  /** A question at the end that nobody answers. */
  UNANSWERED_QUESTION("questions without an answer at the end"),
  /** Turns from the first empty one on. */
  AFTER_EMPTY_TURN("turns from an empty one on"),
  /** Conversations of which nothing is left. */
  EMPTY_CONVERSATION("conversations without a question and its answer"),
  /** Samples cut at the sequence length. */
  TRUNCATED("samples cut at the sequence length"),
  /** Samples left out since they are longer than the sequence length. */
  TOO_LONG("samples longer than the sequence length"),
  /** Samples left out since no token carries loss. */
  ALL_MASKED("samples without a token that carries loss");

  private final String text;

  DropReason(String text) {
    this.text = text;
  }

  /** For a report: "12 " + text. */
  public String text() {
    return text;
  }
}
