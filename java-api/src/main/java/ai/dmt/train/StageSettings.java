package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.util.Optional;

/**
 * How a stage is trained.
 *
 * @param epochs passes over the stage's mixture (num_train_epochs)
 * @param maxSteps most optimizer steps of the stage (max_steps); 0 for as many as the epochs have
 * @param learningRatePolicy whether the learning rate starts anew
 * @param learningRate course of this stage's own; empty for the run's. A stage that continues
 *     another's course has none
 * @param optimizerState whether the moments are kept
 * @param nextAdapter what the stage after this one begins with, where an adapter is trained
 */
public record StageSettings(
    int epochs,
    long maxSteps,
    LearningRatePolicy learningRatePolicy,
    Optional<LearningRateConfig> learningRate,
    OptimizerState optimizerState,
    NextAdapter nextAdapter) {

  /** What the learning rate does at the start of a stage. */
  public enum LearningRatePolicy {
    /** Warm-up and decay begin again, as in separate runs. */
    RESTART,
    /** One course spans the stage before and this one. */
    CONTINUE
  }

  /** What becomes of the optimizer's moments at the start of a stage. */
  public enum OptimizerState {
    /** They are zeroed, as in separate runs. */
    RESET,
    /** They are kept. */
    CARRY
  }

  /** What becomes of a stage's adapter before the next stage. */
  public enum NextAdapter {
    /** The next stage trains it on. */
    CONTINUE,
    /** It is merged into full weights, and the next stage begins a fresh one beside those. */
    MERGE,
    /** It stays in the stage's folder, and the next stage begins a fresh one on the base. */
    NEW
  }

  /**
   * Checks ranges.
   *
   * @param epochs at least 1
   * @param maxSteps at least 0
   * @param learningRatePolicy not null
   * @param learningRate not null; empty if the policy is to continue
   * @param optimizerState not null
   * @param nextAdapter not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public StageSettings {
    new Faults("stage")
        .positive("epochs", epochs)
        .notNegative("maxSteps", maxSteps)
        .present("learningRatePolicy", learningRatePolicy)
        .present("learningRate", learningRate)
        .present("optimizerState", optimizerState)
        .present("nextAdapter", nextAdapter)
        .require(
            learningRatePolicy != LearningRatePolicy.CONTINUE
                || learningRate == null
                || learningRate.isEmpty(),
            "a stage that continues the learning rate of the stage before has no course of its own")
        .throwIfAny();
  }

  /**
   * Settings of a stage whose adapter, if it has one, the next stage trains on.
   *
   * @param epochs at least 1
   * @param maxSteps at least 0
   * @param learningRatePolicy not null
   * @param learningRate not null; empty if the policy is to continue
   * @param optimizerState not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public StageSettings(
      int epochs,
      long maxSteps,
      LearningRatePolicy learningRatePolicy,
      Optional<LearningRateConfig> learningRate,
      OptimizerState optimizerState) {
    this(epochs, maxSteps, learningRatePolicy, learningRate, optimizerState, NextAdapter.CONTINUE);
  }

  /**
   * {@return three epochs; learning rate and optimizer start anew, as separate FastChat runs do}
   * The paper states the epochs, the rest follows from its framework (arXiv 2310.05492, section
   * 3.1).
   */
  public static StageSettings paper() {
    return new StageSettings(
        3, 0, LearningRatePolicy.RESTART, Optional.empty(), OptimizerState.RESET);
  }

  /**
   * {@return a copy with another {@link #epochs()}}
   *
   * @param count at least 1
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public StageSettings withEpochs(int count) {
    return new StageSettings(
        count, maxSteps, learningRatePolicy, learningRate, optimizerState, nextAdapter);
  }

  /**
   * {@return a copy with another {@link #maxSteps()}}
   *
   * @param steps from 1; 0 for as many as the epochs have
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public StageSettings withMaxSteps(long steps) {
    return new StageSettings(
        epochs, steps, learningRatePolicy, learningRate, optimizerState, nextAdapter);
  }

  /**
   * {@return a copy with another {@link #learningRatePolicy()}}
   *
   * @param policy CONTINUE only without a {@link #learningRate()}
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public StageSettings withLearningRatePolicy(LearningRatePolicy policy) {
    return new StageSettings(epochs, maxSteps, policy, learningRate, optimizerState, nextAdapter);
  }

  /**
   * {@return a copy with a {@link #learningRate()} of its own}
   *
   * @param course not null
   * @throws ai.dmt.config.ConfigException if the stage continues another's course
   */
  public StageSettings withLearningRate(LearningRateConfig course) {
    return new StageSettings(
        epochs, maxSteps, learningRatePolicy, Optional.of(course), optimizerState, nextAdapter);
  }

  /**
   * {@return a copy with another {@link #optimizerState()}}
   *
   * @param state whether the moments are zeroed or kept at the start of the stage
   */
  public StageSettings withOptimizerState(OptimizerState state) {
    return new StageSettings(
        epochs, maxSteps, learningRatePolicy, learningRate, state, nextAdapter);
  }

  /**
   * {@return a copy with another {@link #nextAdapter()}}
   *
   * @param next what the stage after this one begins with
   */
  public StageSettings withNextAdapter(NextAdapter next) {
    return new StageSettings(
        epochs, maxSteps, learningRatePolicy, learningRate, optimizerState, next);
  }

  /** Part of the identity of studies: what came later leaves no trace where it is not used. */
  String canonical() {
    String text =
        "StageSettings[epochs=%s, maxSteps=%s, learningRatePolicy=%s, learningRate=%s, optimizerState=%s"
            .formatted(epochs, maxSteps, learningRatePolicy, learningRate, optimizerState);
    return text + (nextAdapter == NextAdapter.CONTINUE ? "" : ", nextAdapter=" + nextAdapter) + "]";
  }
}
