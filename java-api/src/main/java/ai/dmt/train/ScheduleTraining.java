package ai.dmt.train;

import ai.dmt.config.Faults;

/**
 * What all stages of a schedule share.
 *
 * @param batch size of a step
 * @param packing how a step is cut into micro-batches
 * @param microBatchSamples most samples of a micro-batch, for {@link Packing#NONE}
 *     (per_device_train_batch_size)
 * @param learningRate course of stages that have none of their own
 * @param evalSteps held-out loss is measured after each so many steps of the run (eval_steps), and
 *     at the end of each stage; 0 for the ends alone
 */
public record ScheduleTraining(
    BatchConfig batch,
    Packing packing,
    int microBatchSamples,
    LearningRateConfig learningRate,
    long evalSteps) {
  /** Checks ranges, and that the packing can be done. */
  public ScheduleTraining {
    new Faults("training")
        .present("batch", batch)
        .present("packing", packing)
        .positive("microBatchSamples", microBatchSamples)
        .present("learningRate", learningRate)
        .notNegative("evalSteps", evalSteps)
        .throwIfAny();
    packing.check();
  }

  /** The settings of a run of one stage. */
  static ScheduleTraining of(TrainConfig config) {
    return new ScheduleTraining(
        config.batch(), Packing.BEST_FIT, 1, config.learningRate(), config.evalSteps());
  }

  Packing.Limits limits() {
    return new Packing.Limits(batch.maxTokensPerMicroBatch(), microBatchSamples);
  }
}
