package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.TrainingEngine;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Trains an engine on sources that are concatenated and shuffled: a schedule of one stage, see
 * {@link ScheduleTrainer}.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(engine, TrainConfig.defaults());
 * trainer.addListener(metricsFile);
 * trainer.train(List.of(gsm8k, code), List.of());
 * }</pre>
 *
 * <p>{@link #cancel} may be called by any thread; the rest is for one. If another thread closes the
 * engine meanwhile, such as a shutdown hook, the run ends as if it were cancelled.
 */
public final class Trainer {
  private final ScheduleTrainer trainer;
  private final TrainConfig config;

  /**
   * Makes a trainer. The engine stays the caller's, who closes it.
   *
   * @param engine what to train; must know the sources by name
   * @param config how long and how fast
   */
  public Trainer(TrainingEngine engine, TrainConfig config) {
    this(engine, config, System::nanoTime);
  }

  Trainer(TrainingEngine engine, TrainConfig config, LongSupplier nanoTime) {
    this.config = config;
    this.trainer = new ScheduleTrainer(engine, ScheduleTraining.of(config), nanoTime);
  }

  /**
   * Adds a listener; they are called in the order in which they were added.
   *
   * @param listener called on the thread that trains
   */
  public void addListener(TrainingListener listener) {
    trainer.addListener(listener);
  }

  /**
   * Sets who keeps the state of the run; before it starts. Without a call nobody does.
   *
   * @param keeper this rank's
   */
  public void keepWith(StateKeeper keeper) {
    trainer.keepWith(keeper);
  }

  /**
   * Ends the run after the step that is being made. A trainer that was cancelled trains no more.
   */
  public void cancel() {
    trainer.cancel();
  }

  /**
   * {@return how many optimizer steps a run over so many samples has}
   *
   * @param samples of all sources together
   */
  public long totalSteps(long samples) {
    int size = config.batch().globalBatchSize();
    long stepsPerEpoch = (samples + size - 1) / size;
    long all = Math.multiplyExact(stepsPerEpoch, config.epochs());
    return config.maxSteps() == 0 ? all : Math.min(all, config.maxSteps());
  }

  /**
   * Trains from the first step, see {@link #train(List, List, Progress)}.
   *
   * @param sources what to train on; concatenated, then shuffled anew in each epoch
   * @param heldOut what to measure the loss of while training; may be empty
   * @return where the run ended
   * @throws ConfigException if a source is none of the engine's, or two have the same name
   * @throws DataException if there are no samples, or one does not fit
   */
  public Progress train(List<Source> sources, List<Source> heldOut) {
    return train(sources, heldOut, Progress.start(0));
  }

  /**
   * Trains.
   *
   * @param sources what to train on; concatenated, then shuffled anew in each epoch
   * @param heldOut what to measure the loss of while training; may be empty
   * @param from where an earlier run ended; the engine must be as it was then
   * @return where the run ended
   * @throws ConfigException if a source is none of the engine's, or two have the same name
   * @throws DataException if there are no samples, or one does not fit
   */
  public Progress train(List<Source> sources, List<Source> heldOut, Progress from) {
    if (sources.stream().allMatch(source -> source.samples().isEmpty())) {
      throw new DataException(Origin.UNKNOWN, "there are no samples to train on");
    }
    Mixture all =
        Mixture.of(sources.stream().map(source -> Portion.fraction(source.name(), 1)).toList());
    StageSettings settings =
        StageSettings.paper().withEpochs(config.epochs()).withMaxSteps(config.maxSteps());
    Schedule schedule = Schedule.of(config.seed(), new Stage("train", all, settings));
    return trainer.train(schedule, sources, heldOut, from);
  }
}
