package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.time.Duration;

/**
 * How long and how fast to train. Optimizer and precision are the engine's, see {@link
 * ai.dmt.engine.EngineConfig}.
 *
 * @param epochs passes over all samples (num_train_epochs)
 * @param maxSteps most optimizer steps (max_steps); 0 for as many as the epochs have. The learning
 *     rate runs its course over the steps that are made
 * @param batch size of a step
 * @param learningRate course of the learning rate
 * @param evalSteps held-out loss is measured after each so many steps (eval_steps), and at the end;
 *     0 for the end alone
 * @param maxTime the run stops before it has trained so long (max_time), as if it were cancelled;
 *     zero for no limit
 * @param seed of the order of samples
 */
public record TrainConfig(
    int epochs,
    long maxSteps,
    BatchConfig batch,
    LearningRateConfig learningRate,
    long evalSteps,
    Duration maxTime,
    long seed) {

  /**
   * Checks ranges.
   *
   * @param epochs at least 1
   * @param maxSteps at least 0
   * @param batch not null
   * @param learningRate not null
   * @param evalSteps at least 0
   * @param maxTime zero or positive
   * @param seed any
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public TrainConfig {
    new Faults("training")
        .positive("epochs", epochs)
        .notNegative("maxSteps", maxSteps)
        .present("batch", batch)
        .present("learningRate", learningRate)
        .notNegative("evalSteps", evalSteps)
        .present("maxTime", maxTime)
        .require(
            maxTime == null || !maxTime.isNegative(),
            "maxTime must not be negative, got " + maxTime)
        .throwIfAny();
  }

  /**
   * {@return the paper's settings: 3 epochs, 128 samples a step, 2048 tokens a sample, cosine from
   * 2e-5 with 3 % warm-up, seed 42; one sample of full length per micro-batch}
   */
  public static TrainConfig defaults() {
    return new TrainConfig(
        3,
        0,
        new BatchConfig(128, 2048, 2048),
        LearningRateConfig.cosine(2e-5),
        0,
        Duration.ZERO,
        42);
  }

  /**
   * {@return a copy with another {@link #epochs()}}
   *
   * @param count at least 1
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public TrainConfig withEpochs(int count) {
    return new TrainConfig(count, maxSteps, batch, learningRate, evalSteps, maxTime, seed);
  }

  /**
   * {@return a copy with another {@link #maxSteps()}}
   *
   * @param steps from 1; 0 for as many as the epochs have
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public TrainConfig withMaxSteps(long steps) {
    return new TrainConfig(epochs, steps, batch, learningRate, evalSteps, maxTime, seed);
  }

  /**
   * {@return a copy with another {@link #batch()}}
   *
   * @param size of a step, and how it is cut
   */
  public TrainConfig withBatch(BatchConfig size) {
    return new TrainConfig(epochs, maxSteps, size, learningRate, evalSteps, maxTime, seed);
  }

  /**
   * {@return a copy with another {@link #learningRate()}}
   *
   * @param course over the steps that are made
   */
  public TrainConfig withLearningRate(LearningRateConfig course) {
    return new TrainConfig(epochs, maxSteps, batch, course, evalSteps, maxTime, seed);
  }

  /**
   * {@return a copy with another {@link #evalSteps()}}
   *
   * @param steps from 1; 0 to measure at the end alone
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public TrainConfig withEvalSteps(long steps) {
    return new TrainConfig(epochs, maxSteps, batch, learningRate, steps, maxTime, seed);
  }

  /**
   * {@return a copy with another {@link #maxTime()}}
   *
   * @param time not negative; zero for no limit
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public TrainConfig withMaxTime(Duration time) {
    return new TrainConfig(epochs, maxSteps, batch, learningRate, evalSteps, time, seed);
  }

  /**
   * {@return a copy with another {@link #seed()}}
   *
   * @param value any
   */
  public TrainConfig withSeed(long value) {
    return new TrainConfig(epochs, maxSteps, batch, learningRate, evalSteps, maxTime, value);
  }
}
