package ai.dmt.train;

import ai.dmt.engine.StepMetrics;
import java.time.Duration;

/**
 * How far a run is, after a step. Times are of training alone, without evaluation and listeners.
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
    StageProgress stage) {

  /**
   * {@return where a run is before its first step}
   *
   * @param totalSteps of the run; 0 where a trainer is to count them
   */
  public static Progress start(long totalSteps) {
    return new Progress(
        0, totalSteps, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, StageProgress.NONE);
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
        stage);
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
        place);
  }

  /** One step later. */
  Progress after(StageProgress place, double rate, StepMetrics metrics, Duration took) {
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
        place);
  }

  /** {@return whether all steps are done} */
  public boolean finished() {
    return step == totalSteps;
  }

  /**
   * {@return the time that the steps that are left may take, by the mean of those done; zero before
   * the first}
   */
  public Duration remaining() {
    return step == 0
        ? Duration.ZERO
        : Duration.ofNanos((long) ((double) elapsed.toNanos() / step * (totalSteps - step)));
  }
}
