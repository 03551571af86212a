package ai.dmt.train;

/**
 * Learning rate of each step, as Hugging Face's Trainer has it. Warm-up is a line from 0: step s of
 * w has {@code peak * s / w}, so the first step of a run that warms up changes nothing.
 */
public sealed interface LearningRateSchedule {
  /**
   * {@return the rate of a step, at least 0}
   *
   * @param step 0 for the first
   */
  double at(long step);

  /**
   * Stays at the peak.
   *
   * @param peak rate after the warm-up
   * @param warmupSteps steps before the peak; 0 for none
   */
  record Constant(double peak, long warmupSteps) implements LearningRateSchedule {
    @Override
    public double at(long step) {
      return step < warmupSteps ? warmup(peak, step, warmupSteps) : peak;
    }
  }

  /**
   * Falls in a line from the peak to the floor, which step {@code steps} would have.
   *
   * @param peak rate at the end of the warm-up
   * @param floor rate that the line falls to
   * @param warmupSteps steps before the peak; 0 for none
   * @param steps of the run
   */
  record Linear(double peak, double floor, long warmupSteps, long steps)
      implements LearningRateSchedule {
    @Override
    public double at(long step) {
      return step < warmupSteps
          ? warmup(peak, step, warmupSteps)
          : floor + (peak - floor) * (1 - share(step, warmupSteps, steps));
    }
  }

  /**
   * Falls along half a cosine from the peak to the floor, which step {@code steps} would have.
   *
   * @param peak rate at the end of the warm-up
   * @param floor rate that the curve falls to
   * @param warmupSteps steps before the peak; 0 for none
   * @param steps of the run
   */
  record Cosine(double peak, double floor, long warmupSteps, long steps)
      implements LearningRateSchedule {
    @Override
    public double at(long step) {
      return step < warmupSteps
          ? warmup(peak, step, warmupSteps)
          : floor
              + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * share(step, warmupSteps, steps)));
    }
  }

  private static double warmup(double peak, long step, long warmupSteps) {
    return peak * ((double) step / warmupSteps);
  }

  /** How much of the way after the warm-up is done, in [0, 1]. */
  private static double share(long step, long warmupSteps, long steps) {
    return steps <= warmupSteps
        ? 1
        : Math.min(1, (double) (step - warmupSteps) / (steps - warmupSteps));
  }
}
