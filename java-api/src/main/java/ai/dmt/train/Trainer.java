package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.Origin;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.StepMetrics;
import ai.dmt.engine.TrainingEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Trains an engine on sources.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(engine, TrainConfig.defaults());
 * trainer.addListener(metricsFile);
 * trainer.train(List.of(gsm8k, code), List.of());
 * }</pre>
 *
 * <p>{@link #cancel} may be called by any thread; the rest is for one.
 */
public final class Trainer {
  /** Samples that are packed together for evaluation. */
  private static final int EVALUATION_WINDOW = 256;

  private final TrainingEngine engine;
  private final TrainConfig config;
  private final LongSupplier nanoTime;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private volatile boolean cancelled;

  /** Makes a trainer. The engine stays the caller's, who closes it. */
  public Trainer(TrainingEngine engine, TrainConfig config) {
    this(engine, config, System::nanoTime);
  }

  Trainer(TrainingEngine engine, TrainConfig config, LongSupplier nanoTime) {
    this.engine = engine;
    this.config = config;
    this.nanoTime = nanoTime;
  }

  /** Adds a listener; they are called in the order in which they were added. */
  public void addListener(TrainingListener listener) {
    listeners.add(listener);
  }

  /**
   * Ends the run after the step that is being made. A trainer that was cancelled trains no more.
   */
  public void cancel() {
    cancelled = true;
  }

  /** Optimizer steps of a run over so many samples. */
  public long totalSteps(long samples) {
    int size = config.batch().globalBatchSize();
    long stepsPerEpoch = (samples + size - 1) / size;
    long all = Math.multiplyExact(stepsPerEpoch, config.epochs());
    return config.maxSteps() == 0 ? all : Math.min(all, config.maxSteps());
  }

  /**
   * Trains.
   *
   * @param sources what to train on; concatenated, then shuffled anew in each epoch
   * @param heldOut what to measure the loss of while training; may be empty
   * @return where the run ended
   * @throws ConfigException if a source is none of the engine's
   * @throws DataException if there are no samples, or one does not fit
   */
  public Progress train(List<Source> sources, List<Source> heldOut) {
    BatchPlan plan =
        new BatchPlan(
            numbered(sources, "train on"), config.batch().globalBatchSize(), config.seed());
    List<MicroBatch> heldOutBatches = heldOut.isEmpty() ? List.of() : heldOutBatches(heldOut);
    long totalSteps = totalSteps(samples(sources));
    LearningRateSchedule rates = config.learningRate().schedule(totalSteps);
    SequencePacker packer =
        new SequencePacker(
            config.batch().maxTokensPerMicroBatch(), config.batch().globalBatchSize());

    Progress progress = Progress.start(totalSteps);
    tell(listener -> listener.onStart(Progress.start(totalSteps)));
    for (long step = 0; step < totalSteps && !cancelled; step++) {
      long began = nanoTime.getAsLong();
      GlobalBatch batch = plan.at(step);
      for (MicroBatch microBatch : packer.pack(batch.samples())) {
        engine.accumulate(microBatch, batch.labelTokens());
      }
      StepMetrics metrics = engine.apply(rates.at(step));
      Duration took = Duration.ofNanos(nanoTime.getAsLong() - began);

      progress = after(progress, plan, rates.at(step), metrics, took);
      Progress now = progress;
      tell(listener -> listener.onStep(now, metrics));
      if (evaluationIsDue(now, heldOutBatches)) {
        Evaluation evaluation = new Evaluation(engine.evaluate(heldOutBatches));
        tell(listener -> listener.onEvaluation(now, evaluation));
      }
    }
    Progress end = progress;
    tell(listener -> listener.onEnd(end));
    return end;
  }

  private boolean evaluationIsDue(Progress progress, List<MicroBatch> heldOutBatches) {
    boolean everySoOften = config.evalSteps() > 0 && progress.step() % config.evalSteps() == 0;
    boolean atTheEnd = progress.finished() || cancelled;
    return !heldOutBatches.isEmpty() && (everySoOften || atTheEnd);
  }

  private void tell(Consumer<TrainingListener> event) {
    listeners.forEach(event);
  }

  private static Progress after(
      Progress before, BatchPlan plan, double rate, StepMetrics metrics, Duration took) {
    long step = before.step() + 1;
    double seconds = Math.max(took.toNanos(), 1) * 1e-9;
    return new Progress(
        step,
        before.totalSteps(),
        (double) step / plan.stepsPerEpoch(),
        rate,
        before.tokens() + metrics.tokens(),
        before.labelTokens() + metrics.labelTokens(),
        took,
        before.elapsed().plus(took),
        metrics.tokens() / seconds);
  }

  private List<MicroBatch> heldOutBatches(List<Source> heldOut) {
    return new SequencePacker(config.batch().maxTokensPerMicroBatch(), EVALUATION_WINDOW)
        .pack(numbered(heldOut, "measure the loss of"));
  }

  /** All samples in the order of the sources, each with the engine's number of its source. */
  private List<SourcedSample> numbered(List<Source> sources, String purpose) {
    List<SourcedSample> samples = new ArrayList<>();
    for (Source source : sources) {
      int number = engine.sources().indexOf(source.name());
      if (number < 0) {
        throw new ConfigException(
            "source \"%s\" is none of the engine's sources %s"
                .formatted(source.name(), engine.sources()));
      }
      source.samples().forEach(sample -> samples.add(new SourcedSample(sample, number)));
    }
    if (samples.isEmpty()) {
      throw new DataException(Origin.UNKNOWN, "there are no samples to " + purpose);
    }
    return samples;
  }

  private static long samples(List<Source> sources) {
    return sources.stream().mapToLong(source -> source.samples().size()).sum();
  }
}
