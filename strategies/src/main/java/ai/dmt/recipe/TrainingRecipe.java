package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.TimeSpan;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Packing;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.StageSettings;
import ai.dmt.train.checkpoint.CheckpointConfig;

/**
 * How long and how fast to train. Epochs, steps and the learning rate are those of each stage.
 *
 * @param numTrainEpochs epochs of each stage; at least 1
 * @param maxSteps most optimizer steps of each stage; 0 for as many as the epochs have
 * @param globalTrainBatchSize samples of an optimizer step over all ranks; at least 1
 * @param perDeviceTrainBatchSize samples of a micro-batch; packing none and paper need it, best_fit
 *     does not read it; 0 or more
 * @param maxTokensPerMicroBatch most tokens that go through the model at once; at least 1, or
 *     {@link #AUTO}
 * @param packing how a step is cut into micro-batches
 * @param learningRate peak of the learning rate; above 0
 * @param lrSchedulerType shape of the learning rate after the warm-up
 * @param minLr learning rate at the end, in [0, learningRate]
 * @param warmupRatio share of the steps that warm up, in [0, 1); 0 if warmupSteps is not
 * @param warmupSteps steps that warm up; 0 if warmupRatio is not
 * @param lrPolicy whether the learning rate restarts at each stage, or continues one course over
 *     all
 * @param optimizerState moments at the start of a stage: reset or carry
 * @param evalSteps held-out loss is measured after each so many steps; 0 for ends of stages alone
 * @param maxTime the run stops as at a signal before it has trained so long, such as 3h30m or
 *     02:00:00; 0 for no limit
 * @param loggingSteps a progress line after each so many steps; at least 1
 * @param reportTo who shows the metrics beside metrics.jsonl
 * @param saveSteps a checkpoint after each so many steps of the run; 0 for none but at a stop
 * @param saveTotalLimit checkpoints that are kept; at least 1
 * @param asyncSave whether training goes on while a checkpoint is written; takes 12 bytes per
 *     parameter of host memory
 * @param seed of the order of samples
 * @param dataSeed seed of the subsets
 */
public record TrainingRecipe(
    @Doc("Epochs of each stage") @Range("[1, inf)") int numTrainEpochs,
    @Doc("Most optimizer steps of each stage; 0 for as many as the epochs have") @Range("[0, inf)")
        long maxSteps,
    @Doc("Samples of an optimizer step over all ranks") @Range("[1, inf)") int globalTrainBatchSize,
    @Doc("Samples of a micro-batch; packing none and paper need it, best_fit does not read it")
        @Range("[0, inf)")
        int perDeviceTrainBatchSize,
    @Doc(
            "Most tokens that go through the model at once; auto takes what the planner finds"
                + " fastest on the machine that trains")
        @Range("[1, inf)")
        @Word(value = "auto", number = AUTO)
        int maxTokensPerMicroBatch,
    @Doc("How a step is cut into micro-batches") Packing packing,
    @Doc("Peak of the learning rate") @Range("(0, inf)") double learningRate,
    @Doc("Shape of the learning rate after the warm-up") LearningRateConfig.Kind lrSchedulerType,
    @Doc("Learning rate at the end") @Range("[0, inf)") double minLr,
    @Doc("Share of the steps that warm up, in [0, 1); 0 with warmup_steps") @Range("[0, 1)")
        double warmupRatio,
    @Doc("Steps that warm up; 0 with warmup_ratio") @Range("[0, inf)") long warmupSteps,
    @Doc("restart at each stage, or continue one course over all")
        StageSettings.LearningRatePolicy lrPolicy,
    @Doc("Moments at the start of a stage: reset or carry")
        StageSettings.OptimizerState optimizerState,
    @Doc("Held-out loss is measured after each so many steps; 0 for ends of stages alone")
        @Range("[0, inf)")
        long evalSteps,
    @Doc(
            "The run stops as at a signal before it has trained so long, such as 3h30m or 02:00:00;"
                + " 0 for no limit")
        String maxTime,
    @Doc("A progress line after each so many steps") @Range("[1, inf)") long loggingSteps,
    @Doc(
            "tensorboard writes TensorBoard's event files to the output, too; none leaves metrics.jsonl"
                + " alone")
        ReportTo reportTo,
    @Doc("A checkpoint after each so many steps of the run; 0 for none but at a stop")
        @Range("[0, inf)")
        long saveSteps,
    @Doc("Checkpoints that are kept") @Range("[1, inf)") int saveTotalLimit,
    @Doc(
            "Whether training goes on while a checkpoint is written; takes 12 bytes per parameter"
                + " of host memory")
        boolean asyncSave,
    @Doc("Seed of the order of samples") long seed,
    @Doc("Seed of the subsets") long dataSeed) {
  /**
   * For {@link #maxTokensPerMicroBatch()}: the run takes what {@link
   * ai.dmt.plan.RunPlanner#microBatch} finds fastest on its machine. A recipe says {@code auto}.
   */
  public static final int AUTO = 0;

  /**
   * Checks ranges.
   *
   * @param numTrainEpochs epochs of each stage; at least 1
   * @param maxSteps most optimizer steps of each stage; 0 for as many as the epochs have
   * @param globalTrainBatchSize samples of an optimizer step over all ranks; at least 1
   * @param perDeviceTrainBatchSize samples of a micro-batch; packing none and paper need it,
   *     best_fit does not read it; 0 or more
   * @param maxTokensPerMicroBatch most tokens that go through the model at once; at least 1, or
   *     {@link #AUTO}
   * @param packing how a step is cut into micro-batches
   * @param learningRate peak of the learning rate; above 0
   * @param lrSchedulerType shape of the learning rate after the warm-up
   * @param minLr learning rate at the end, in [0, learningRate]
   * @param warmupRatio share of the steps that warm up, in [0, 1); 0 if warmupSteps is not
   * @param warmupSteps steps that warm up; 0 if warmupRatio is not
   * @param lrPolicy whether the learning rate restarts at each stage, or continues one course over
   *     all
   * @param optimizerState moments at the start of a stage: reset or carry
   * @param evalSteps held-out loss is measured after each so many steps; 0 for ends of stages alone
   * @param maxTime the run stops as at a signal before it has trained so long, such as 3h30m or
   *     02:00:00; 0 for no limit
   * @param loggingSteps a progress line after each so many steps; at least 1
   * @param reportTo who shows the metrics beside metrics.jsonl
   * @param saveSteps a checkpoint after each so many steps of the run; 0 for none but at a stop
   * @param saveTotalLimit checkpoints that are kept; at least 1
   * @param asyncSave whether training goes on while a checkpoint is written; takes 12 bytes per
   *     parameter of host memory
   * @param seed of the order of samples
   * @param dataSeed seed of the subsets
   */
  public TrainingRecipe {
    new Faults("training")
        .positive("num_train_epochs", numTrainEpochs)
        .notNegative("max_steps", maxSteps)
        .positive("global_train_batch_size", globalTrainBatchSize)
        .notNegative("per_device_train_batch_size", perDeviceTrainBatchSize)
        .require(
            maxTokensPerMicroBatch >= 0,
            "max_tokens_per_micro_batch must be positive or auto, got " + maxTokensPerMicroBatch)
        .present("packing", packing)
        .require(
            perDeviceTrainBatchSize > 0 || packing == null || !packing.countsSamples(),
            "packing %s needs per_device_train_batch_size, the samples of a micro-batch"
                .formatted(packing == null ? null : packing.text()))
        .positive("learning_rate", learningRate)
        .present("lr_scheduler_type", lrSchedulerType)
        .notNegative("min_lr", minLr)
        .require(
            !(learningRate > 0) || !(minLr > learningRate), // a rate at fault bounds nothing
            "min_lr must be at most learning_rate=%s, got %s".formatted(learningRate, minLr))
        .inHalfOpenRange("warmup_ratio", warmupRatio, 0, 1)
        .notNegative("warmup_steps", warmupSteps)
        .require(
            warmupRatio == 0 || warmupSteps == 0,
            "warmup_ratio=%s and warmup_steps=%s exclude each other; set one to 0"
                .formatted(warmupRatio, warmupSteps))
        .present("lr_policy", lrPolicy)
        .present("optimizer_state", optimizerState)
        .notNegative("eval_steps", evalSteps)
        .require(
            maxTime != null && TimeSpan.parse(maxTime).isPresent(),
            "max_time must be %s, got \"%s\"".formatted(TimeSpan.EXPECTED, maxTime))
        .positive("logging_steps", loggingSteps)
        .present("report_to", reportTo)
        .throwIfAny();
    new CheckpointConfig(saveSteps, saveTotalLimit, asyncSave);
  }

  /**
   * {@return the paper's settings, and FastChat's where it is silent (arXiv 2310.05492, section
   * 3.1): 3 epochs, 128 samples, 2e-5}
   */
  public static TrainingRecipe defaults() {
    return new TrainingRecipe(
        3,
        0,
        128,
        0,
        2048,
        Packing.BEST_FIT,
        2e-5,
        LearningRateConfig.Kind.COSINE,
        0,
        0.03,
        0,
        StageSettings.LearningRatePolicy.RESTART,
        StageSettings.OptimizerState.RESET,
        0,
        "0",
        10,
        ReportTo.TENSORBOARD,
        CheckpointConfig.defaults().saveSteps(),
        CheckpointConfig.defaults().saveTotalLimit(),
        CheckpointConfig.defaults().async(),
        42,
        42);
  }

  /** {@return when checkpoints are written} */
  public CheckpointConfig checkpoints() {
    return new CheckpointConfig(saveSteps, saveTotalLimit, asyncSave);
  }

  /** {@return the course of the learning rate, within a stage or over all} */
  public LearningRateConfig learningRateConfig() {
    return new LearningRateConfig(lrSchedulerType, learningRate, minLr, warmupRatio, warmupSteps);
  }

  /**
   * {@return what a schedule's stages share}
   *
   * @param cutoffLen longest sample in tokens; a micro-batch has room for one at least
   * @throws ai.dmt.config.ConfigException if cutoffLen is out of range, or {@link
   *     #maxTokensPerMicroBatch()} is {@link #AUTO}: what trains chooses the number first
   */
  public ScheduleTraining scheduleTraining(int cutoffLen) {
    if (maxTokensPerMicroBatch == AUTO) {
      throw new ConfigException(
          "training.max_tokens_per_micro_batch is auto, which dmt train alone chooses; give a number");
    }
    return new ScheduleTraining(
        new BatchConfig(
            globalTrainBatchSize, Math.max(maxTokensPerMicroBatch, cutoffLen), cutoffLen),
        packing,
        perDeviceTrainBatchSize,
        learningRateConfig(),
        evalSteps,
        TimeSpan.parse(maxTime).orElseThrow());
  }

  /**
   * {@return a copy with another {@link #numTrainEpochs()}}
   *
   * @param value epochs of each stage; at least 1
   */
  public TrainingRecipe withNumTrainEpochs(int value) {
    return RecordCopy.with(this, "numTrainEpochs", value);
  }

  /**
   * {@return a copy with another {@link #maxSteps()}}
   *
   * @param value most optimizer steps of each stage; 0 for as many as the epochs have
   */
  public TrainingRecipe withMaxSteps(long value) {
    return RecordCopy.with(this, "maxSteps", value);
  }

  /**
   * {@return a copy with another {@link #globalTrainBatchSize()}}
   *
   * @param value samples of an optimizer step over all ranks; at least 1
   */
  public TrainingRecipe withGlobalTrainBatchSize(int value) {
    return RecordCopy.with(this, "globalTrainBatchSize", value);
  }

  /**
   * {@return a copy with another {@link #perDeviceTrainBatchSize()}}
   *
   * @param value samples of a micro-batch; packing none and paper need it, best_fit does not read
   *     it; 0 or more
   */
  public TrainingRecipe withPerDeviceTrainBatchSize(int value) {
    return RecordCopy.with(this, "perDeviceTrainBatchSize", value);
  }

  /**
   * {@return a copy with another {@link #maxTokensPerMicroBatch()}}
   *
   * @param value most tokens that go through the model at once; at least 1, or {@link #AUTO}
   */
  public TrainingRecipe withMaxTokensPerMicroBatch(int value) {
    return RecordCopy.with(this, "maxTokensPerMicroBatch", value);
  }

  /**
   * {@return a copy with another {@link #packing()}}
   *
   * @param value how a step is cut into micro-batches
   */
  public TrainingRecipe withPacking(Packing value) {
    return RecordCopy.with(this, "packing", value);
  }

  /**
   * {@return a copy with another {@link #learningRate()}}
   *
   * @param value peak of the learning rate; above 0
   */
  public TrainingRecipe withLearningRate(double value) {
    return RecordCopy.with(this, "learningRate", value);
  }

  /**
   * {@return a copy with another {@link #lrSchedulerType()}}
   *
   * @param value shape of the learning rate after the warm-up
   */
  public TrainingRecipe withLrSchedulerType(LearningRateConfig.Kind value) {
    return RecordCopy.with(this, "lrSchedulerType", value);
  }

  /**
   * {@return a copy with another {@link #minLr()}}
   *
   * @param value learning rate at the end, in [0, learningRate]
   */
  public TrainingRecipe withMinLr(double value) {
    return RecordCopy.with(this, "minLr", value);
  }

  /**
   * {@return a copy with another {@link #warmupRatio()}}
   *
   * @param value share of the steps that warm up, in [0, 1); 0 if warmupSteps is not
   */
  public TrainingRecipe withWarmupRatio(double value) {
    return RecordCopy.with(this, "warmupRatio", value);
  }

  /**
   * {@return a copy with another {@link #warmupSteps()}}
   *
   * @param value steps that warm up; 0 if warmupRatio is not
   */
  public TrainingRecipe withWarmupSteps(long value) {
    return RecordCopy.with(this, "warmupSteps", value);
  }

  /**
   * {@return a copy with another {@link #lrPolicy()}}
   *
   * @param value whether the learning rate restarts at each stage, or continues one course over all
   */
  public TrainingRecipe withLrPolicy(StageSettings.LearningRatePolicy value) {
    return RecordCopy.with(this, "lrPolicy", value);
  }

  /**
   * {@return a copy with another {@link #optimizerState()}}
   *
   * @param value moments at the start of a stage: reset or carry
   */
  public TrainingRecipe withOptimizerState(StageSettings.OptimizerState value) {
    return RecordCopy.with(this, "optimizerState", value);
  }

  /**
   * {@return a copy with another {@link #evalSteps()}}
   *
   * @param value held-out loss is measured after each so many steps; 0 for ends of stages alone
   */
  public TrainingRecipe withEvalSteps(long value) {
    return RecordCopy.with(this, "evalSteps", value);
  }

  /**
   * {@return a copy with another {@link #maxTime()}}
   *
   * @param value the run stops as at a signal before it has trained so long, such as 3h30m or
   *     02:00:00; 0 for no limit
   */
  public TrainingRecipe withMaxTime(String value) {
    return RecordCopy.with(this, "maxTime", value);
  }

  /**
   * {@return a copy with another {@link #loggingSteps()}}
   *
   * @param value a progress line after each so many steps; at least 1
   */
  public TrainingRecipe withLoggingSteps(long value) {
    return RecordCopy.with(this, "loggingSteps", value);
  }

  /**
   * {@return a copy with another {@link #reportTo()}}
   *
   * @param value who shows the metrics beside metrics.jsonl
   */
  public TrainingRecipe withReportTo(ReportTo value) {
    return RecordCopy.with(this, "reportTo", value);
  }

  /**
   * {@return a copy with another {@link #saveSteps()}}
   *
   * @param value a checkpoint after each so many steps of the run; 0 for none but at a stop
   */
  public TrainingRecipe withSaveSteps(long value) {
    return RecordCopy.with(this, "saveSteps", value);
  }

  /**
   * {@return a copy with another {@link #saveTotalLimit()}}
   *
   * @param value checkpoints that are kept; at least 1
   */
  public TrainingRecipe withSaveTotalLimit(int value) {
    return RecordCopy.with(this, "saveTotalLimit", value);
  }

  /**
   * {@return a copy with another {@link #asyncSave()}}
   *
   * @param value whether training goes on while a checkpoint is written; takes 12 bytes per
   *     parameter of host memory
   */
  public TrainingRecipe withAsyncSave(boolean value) {
    return RecordCopy.with(this, "asyncSave", value);
  }

  /**
   * {@return a copy with another {@link #seed()}}
   *
   * @param value seed of the order of samples
   */
  public TrainingRecipe withSeed(long value) {
    return RecordCopy.with(this, "seed", value);
  }

  /**
   * {@return a copy with another {@link #dataSeed()}}
   *
   * @param value seed of the subsets
   */
  public TrainingRecipe withDataSeed(long value) {
    return RecordCopy.with(this, "dataSeed", value);
  }
}
