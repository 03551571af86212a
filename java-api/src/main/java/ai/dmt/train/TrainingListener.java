package ai.dmt.train;

import ai.dmt.engine.StepMetrics;

/**
 * Sees a run: for logging, checkpoints and the like. Called on the thread that trains, which may
 * use the engine, but not close it.
 */
public interface TrainingListener {
  /** The run is about to begin. */
  default void onStart(Progress progress) {}

  /** A stage is about to begin, or to go on after a resume. */
  default void onStageStart(Progress progress) {}

  /** A step is done. */
  default void onStep(Progress progress, StepMetrics metrics) {}

  /** Held-out loss was measured. */
  default void onEvaluation(Progress progress, Evaluation evaluation) {}

  /** All steps of a stage are done and its held-out loss was measured: the time to save it. */
  default void onStageEnd(Progress progress) {}

  /**
   * The run is over: all steps are done, or it was cancelled ({@link Progress#finished()} says
   * which).
   */
  default void onEnd(Progress progress) {}
}
