package ai.dmt.data;

/** Why something of the data is not trained on. Each is counted and reported. */
public enum DropReason {
  /** Records at fault that {@link SkipPolicy} allows to skip. */
  RECORD_AT_FAULT("records at fault"),
  /** Records with text in fields that no format reads, such as tools; the rest is trained on. */
  UNREAD_TEXT("records with text in fields that are not read"),
  /** Records with a weight other than 0 and 1, which count like all others. */
  OTHER_WEIGHT("records with a weight other than 0 and 1, which count as 1"),
  /** Conversations of weight 0. */
  ZERO_WEIGHT("conversations of weight 0"),
  /** Turns before the first of the user, other than a system turn. */
  LEADING_TURN("turns before the first question"),
  /** A question at the end that nobody answers. */
  UNANSWERED_QUESTION("questions without an answer at the end"),
  /** Turns from the first empty one on. */
  AFTER_EMPTY_TURN("turns from an empty one on"),
  /** Conversations of which nothing is left. */
  EMPTY_CONVERSATION("conversations without a question and its answer"),
  /** Conversations whose roles do not alternate. */
  ROLE_ORDER("conversations whose roles do not alternate"),
  /** Conversations that hold a blocked word. */
  BLOCKED_WORD("conversations with a blocked word"),
  /** Conversations in which an answer is a notice of the service, such as a rate limit. */
  SERVICE_NOTICE("conversations with a notice of the service for an answer"),
  /** Conversations of too few characters. */
  TOO_SHORT("conversations of too few characters"),
  /** Conversations whose id occurred before. */
  DUPLICATE_ID("conversations whose id occurred before"),
  /** Conversations whose first question and answer occurred before. */
  DUPLICATE_BEGINNING("conversations whose first question and answer occurred before"),
  /** Conversations that a filter over texts or tags leaves out. */
  FILTERED("conversations that a filter left out"),
  /** Conversations about {@link Topic#CODE}, where that is excluded. */
  ABOUT_CODE("conversations about program code"),
  /** Conversations about {@link Topic#MATH}, and not about an excluded topic before it. */
  ABOUT_MATH("conversations about mathematics"),
  /** Pairs of question and answer that splitting loses, as FastChat's does. */
  LAST_PAIR("pairs at the end of conversations that were split"),
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

  /** {@return whether the record is trained on all the same} */
  public boolean leavesRecord() {
    return this == TRUNCATED || this == UNREAD_TEXT || this == OTHER_WEIGHT;
  }

  /** {@return the reason for a report, where it follows a number: "12 " + text} */
  public String text() {
    return text;
  }
}
