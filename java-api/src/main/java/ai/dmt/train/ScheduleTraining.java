package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.time.Duration;

/**
 * What all stages of a schedule share.
 *
 * @param batch size of a step
 * @param packing how a step is cut into micro-batches
 * @param microBatchSamples samples of a micro-batch (per_device_train_batch_size), where the
 *     packing counts them; else 0
 * @param learningRate course of stages that have none of their own
 * @param evalSteps held-out loss is measured after each so many steps of the run (eval_steps), and
 *     at the end of each stage; 0 for the ends alone
 * @param maxTime the run stops before it has trained so long (max_time), as if it were cancelled;
 *     zero for no limit
 */
public record ScheduleTraining(
    BatchConfig batch,
    Packing packing,
    int microBatchSamples,
    LearningRateConfig learningRate,
    long evalSteps,
    Duration maxTime) {
  /**
   * Checks ranges.
   *
   * @param batch not null
   * @param packing not null
   * @param microBatchSamples at least 0; above 0 where {@link Packing#countsSamples()}
   * @param learningRate not null
   * @param evalSteps at least 0
   * @param maxTime zero or positive
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ScheduleTraining {
    new Faults("training")
        .present("batch", batch)
        .present("packing", packing)
        .notNegative("microBatchSamples", microBatchSamples)
        .require(
            microBatchSamples > 0 || packing == null || !packing.countsSamples(),
            "packing=%s needs microBatchSamples".formatted(packing))
        .present("learningRate", learningRate)
        .notNegative("evalSteps", evalSteps)
        .present("maxTime", maxTime)
        .require(
            maxTime == null || !maxTime.isNegative(),
            "maxTime must not be negative, got " + maxTime)
        .throwIfAny();
  }

  /** The settings of a run of one stage. */
  static ScheduleTraining of(TrainConfig config) {
    return new ScheduleTraining(
        config.batch(),
        Packing.BEST_FIT,
        0,
        config.learningRate(),
        config.evalSteps(),
        config.maxTime());
  }

  /**
   * {@return a copy with another {@link #maxTime()}}
   *
   * @param time zero or positive; zero for no limit
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ScheduleTraining withMaxTime(Duration time) {
    return new ScheduleTraining(batch, packing, microBatchSamples, learningRate, evalSteps, time);
  }

  /** {@return the limits of a micro-batch, for {@link #packing()}} */
  public Packing.Limits limits() {
    return new Packing.Limits(batch.maxTokensPerMicroBatch(), microBatchSamples);
  }
}
