package ai.dmt.generate;

/** Why a completion ended. */
public enum FinishReason {
  /** The model said a stop id or a stop string. */
  STOP,
  /** The limit of new tokens, or of the model's positions, was reached. */
  LENGTH,
  /** A listener wanted no more of it. */
  CANCELLED
}
