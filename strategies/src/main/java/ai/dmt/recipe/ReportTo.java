package ai.dmt.recipe;

/** Who shows a run's metrics, beside {@code metrics.jsonl}. */
public enum ReportTo {
  /** Nobody. */
  NONE,
  /** TensorBoard: event files in the folder {@code tensorboard} of the output. */
  TENSORBOARD
}
