package ai.dmt.data;

/** Who speaks. */
public enum Role {
  /** Instructions that stand before the conversation. */
  SYSTEM,
  /** Asks; carries no loss. */
  USER,
  /** Answers; carries loss. */
  ASSISTANT
}
