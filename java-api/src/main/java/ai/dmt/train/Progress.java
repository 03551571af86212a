package ai.dmt.train;

import java.time.Duration;

/**
 * How far a run is, after a step. Times are of training alone, without evaluation and listeners.
 *
 * @param step optimizer steps done
 * @param totalSteps of the run
 * @param epoch passes over the samples done, such as 1.25
 * @param learningRate of the last step
 * @param tokens computed so far
 * @param labelTokens that carried loss so far
 * @param stepTime of the last step
 * @param elapsed of all steps so far
 * @param tokensPerSecond of the last step, computed tokens; nothing is padded
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
    double tokensPerSecond) {

  /** Before the first step. */
  public static Progress start(long totalSteps) {
    return new Progress(0, totalSteps, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0);
  }

  /** Whether all steps are done. */
  public boolean finished() {
    return step == totalSteps;
  }

  /**
   * Expected time of the steps that are left, from the mean of those done; zero before the first.
   */
  public Duration remaining() {
    return step == 0
        ? Duration.ZERO
        : Duration.ofNanos((long) ((double) elapsed.toNanos() / step * (totalSteps - step)));
  }
}
