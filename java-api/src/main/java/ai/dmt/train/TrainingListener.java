package ai.dmt.train;

import ai.dmt.engine.StepMetrics;
import java.util.List;

/**
 * Sees a run: for logging, checkpoints and the like. Called on the thread that trains, which may
 * use the engine, but not close it.
 */
public interface TrainingListener {
  /**
   * The run is about to begin.
   *
   * @param progress where the run begins: at step 0, or where it goes on
   */
  default void onStart(Progress progress) {}

  /**
   * A stage is about to begin, or to go on after a resume.
   *
   * @param progress with the stage that begins
   */
  default void onStageStart(Progress progress) {}

  /**
   * A step is done.
   *
   * @param progress after the step
   * @param metrics what the step did, over all ranks
   */
  default void onStep(Progress progress, StepMetrics metrics) {}

  /**
   * A rank was found to be slower than the others, or as fast again. Told once, and again when the
   * rank has become far slower or faster.
   *
   * @param progress after the step that it was found in
   * @param speed of the rank
   */
  default void onRankSpeed(Progress progress, RankSpeed speed) {}

  /**
   * Held-out loss was measured.
   *
   * @param progress after the last step
   * @param evaluation held-out loss of each of the engine's sources, over all ranks
   */
  default void onEvaluation(Progress progress, Evaluation evaluation) {}

  /**
   * The mixture was changed after an evaluation, see {@link MixtureController}.
   *
   * @param progress where the run goes on: as before, or at an earlier step of the stage that it
   *     has gone back to. The steps after that one are made again, and its held-out loss is told
   *     again
   * @param made what was decided now
   */
  default void onDecision(Progress progress, List<MixtureDecision> made) {}

  /**
   * The samples that a stage replays were chosen; told before the stage begins, once.
   *
   * @param progress where the run is: at the end of the stage before
   * @param chosen those of each source that is replayed
   */
  default void onReplay(Progress progress, List<ReplayedSamples> chosen) {}

  /**
   * All steps of a stage are done and its held-out loss was measured: the time to save it.
   *
   * @param progress after the stage's last step
   */
  default void onStageEnd(Progress progress) {}

  /**
   * The run is over: all steps are done, or it was cancelled ({@link Progress#finished()} says
   * which).
   *
   * @param progress where the run ended
   */
  default void onEnd(Progress progress) {}
}
