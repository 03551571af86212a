package ai.dmt.engine;

/** What stands for a document in {@link TrainingEngine#hiddenStates}. */
public enum Pooling {
  /** Mean over its tokens. */
  MEAN,
  /** Its last token. */
  LAST
}
