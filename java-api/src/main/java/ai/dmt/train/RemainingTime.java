package ai.dmt.train;

import java.time.Duration;

/**
 * How long the rest of a run may take: the tokens that are left at the speed so far, and the pauses
 * that are known to come. Steps of different stages have different numbers of tokens, so that
 * counting steps would be wrong by their ratio.
 */
final class RemainingTime {
  /** First uses of memory, and of code that is compiled. */
  private static final int WARM_UP = 2;

  /**
   * What a step counts for after each later one: a machine's speed drifts over hundreds of steps.
   */
  private static final double KEPT = 0.995;

  /** A forward pass takes a third of what a step takes for as many tokens. */
  private static final double FORWARD_SHARE = 1 / 3.0;

  /** Tokens of a step's samples. */
  interface StepTokens {
    long of(int stage, long step);
  }

  /** What is done between two steps. */
  enum Pause {
    /** Listeners, and states that are kept. */
    SHORT,
    /** Held-out loss is measured. */
    EVALUATION,
    /** A stage ends: its loss is measured, its model is saved. */
    STAGE_END
  }

  private long[] steps;
  private StepTokens stepTokens;
  private final long evalSteps;
  private final long heldOutTokens;
  private final double[] pauseSeconds = new double[Pause.values().length];
  private final long[] pauses = new long[Pause.values().length];
  private long tokensLeft;
  private long done; // steps of this process
  private double seconds;
  private double tokens;
  private Pause pause = Pause.SHORT;
  private long lastNanos;

  /**
   * Nothing is measured yet.
   *
   * @param steps of each stage
   * @param stepTokens of each of these steps
   * @param from where it begins, or goes on
   * @param evalSteps see {@link ScheduleTraining#evalSteps()}
   * @param heldOutTokens of one evaluation; 0 where none is made
   */
  RemainingTime(
      long[] steps, StepTokens stepTokens, Cursor from, long evalSteps, long heldOutTokens) {
    this.steps = steps;
    this.stepTokens = stepTokens;
    this.evalSteps = heldOutTokens == 0 ? 0 : evalSteps;
    this.heldOutTokens = heldOutTokens;
    count(from);
  }

  private void count(Cursor from) {
    tokensLeft = 0;
    for (int s = from.stage(); s < steps.length; s++) {
      for (long step = s == from.stage() ? from.step() : 0; step < steps[s]; step++) {
        tokensLeft += stepTokens.of(s, step);
      }
    }
  }

  /** That of a run. */
  static RemainingTime of(
      ScheduleBatches batches, Cursor from, long evalSteps, long heldOutTokens) {
    return new RemainingTime(steps(batches), tokens(batches), from, evalSteps, heldOutTokens);
  }

  /** The run goes on elsewhere or with other steps; what was measured is kept. */
  void goesOn(ScheduleBatches batches, Cursor from) {
    steps = steps(batches);
    stepTokens = tokens(batches);
    count(from);
  }

  private static long[] steps(ScheduleBatches batches) {
    return batches.stages().stream().mapToLong(StageBatches::steps).toArray();
  }

  private static StepTokens tokens(ScheduleBatches batches) {
    return (stage, step) ->
        batches.samplesOf(stage, step).stream()
            .mapToLong(
                each -> batches.tables().get(each.source()).length(each.sample(), Measure.TOKENS))
            .sum();
  }

  /** What follows the step that was made is more than a short pause. */
  void pausesFor(Pause reason) {
    pause = reason;
  }

  /**
   * A step was made.
   *
   * @param stage of the step, 0 for the first
   * @param step of the stage, 0 for the first
   * @param begin when it began, in nanoseconds
   * @param end when it ended
   */
  void stepped(int stage, long step, long begin, long end) {
    if (done > 0) {
      pauseSeconds[pause.ordinal()] += (begin - lastNanos) * 1e-9;
      pauses[pause.ordinal()]++;
    }
    pause = Pause.SHORT;
    lastNanos = end;
    long made = stepTokens.of(stage, step);
    tokensLeft -= made;
    double kept = done <= WARM_UP ? 0 : KEPT; // until then the last step is all that is known
    seconds = kept * seconds + (end - begin) * 1e-9;
    tokens = kept * tokens + made;
    done++;
  }

  /**
   * The time after a step.
   *
   * @param step of the run that was made last, from 1; what is measured and saved after it is still
   *     to come
   */
  Duration after(long step) {
    long ends = 0;
    long atEnds = 0;
    long total = 0;
    for (long ofStage : steps) {
      total += ofStage;
      if (total >= step && ofStage > 0) {
        ends++;
        atEnds += evalSteps > 0 && total % evalSteps == 0 ? 1 : 0;
      }
    }
    long evaluations = evalSteps == 0 ? 0 : total / evalSteps - (step - 1) / evalSteps - atEnds;
    double perToken = seconds / Math.max(1, tokens);
    double evaluation = mean(Pause.EVALUATION, heldOutTokens * perToken * FORWARD_SHARE);
    double left =
        tokensLeft * perToken
            + (total - step) * mean(Pause.SHORT, 0)
            + evaluations * evaluation
            + ends * mean(Pause.STAGE_END, evaluation);
    return Duration.ofNanos((long) (left * 1e9));
  }

  private double mean(Pause kind, double expected) {
    long count = pauses[kind.ordinal()];
    return count == 0 ? expected : pauseSeconds[kind.ordinal()] / count;
  }
}
