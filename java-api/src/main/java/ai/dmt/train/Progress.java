package ai.dmt.train;

import ai.dmt.engine.StepMetrics;
import java.time.Duration;

/**
 * How far a run is, after a step. Times that were taken are of training alone, without evaluation
 * and listeners.
 *
 * @param step optimizer steps done
 * @param totalSteps of the run
 * @param epoch passes over the samples of the stage done, such as 1.25
 * @param learningRate of the last step
 * @param tokens computed so far
 * @param labelTokens that carried loss so far
 * @param stepTime of the last step
 * @param elapsed of all steps so far
 * @param tokensPerSecond of the last step, computed tokens; nothing is padded
 * @param stage how far the stage is
 * @param remaining the time that the rest of the run may take, with what is measured and saved on
 *     the way: tokens that are left at the speed of the last steps, and pauses as long as those so
 *     far; zero before the first step
 */
public record Progress(
    long step,
    long totalSteps,
    double epoch,
    double learningRate,
    long tokens,
    long labelTokens,
    Duration stepTime,
    Duration elapsed,
    double tokensPerSecond,
    StageProgress stage,
    Duration remaining) {

  /**
   * {@return where a run is before its first step}
   *
   * @param totalSteps of the run; 0 where a trainer is to count them
   */
  public static Progress start(long totalSteps) {
    return new Progress(
        0,
        totalSteps,
        0,
        0,
        0,
        0,
        Duration.ZERO,
        Duration.ZERO,
        0,
        StageProgress.NONE,
        Duration.ZERO);
  }

  /** The same, of a run of so many steps. */
  Progress withTotalSteps(long steps) {
    return new Progress(
        step,
        steps,
        epoch,
        learningRate,
        tokens,
        labelTokens,
        stepTime,
        elapsed,
        tokensPerSecond,
        stage,
        remaining);
  }

  /** The same, at a place in a stage. */
  Progress in(StageProgress place) {
    return new Progress(
        step,
        totalSteps,
        place.epoch(),
        learningRate,
        tokens,
        labelTokens,
        stepTime,
        elapsed,
        tokensPerSecond,
        place,
        remaining);
  }

  /** One step later. */
  Progress after(
      StageProgress place, double rate, StepMetrics metrics, Duration took, Duration left) {
    return new Progress(
        step + 1,
        totalSteps,
        place.epoch(),
        rate,
        tokens + metrics.tokens(),
        labelTokens + metrics.labelTokens(),
        took,
        elapsed.plus(took),
        metrics.tokens() / (Math.max(took.toNanos(), 1) * 1e-9),
        place,
        left);
  }

  /** The same, with nothing left to do. */
  Progress over() {
    return new Progress(
        step,
        totalSteps,
        epoch,
        learningRate,
        tokens,
        labelTokens,
        stepTime,
        elapsed,
        tokensPerSecond,
        stage,
        Duration.ZERO);
  }

  /** {@return whether all steps are done} */
  public boolean finished() {
    return step == totalSteps;
  }
}
