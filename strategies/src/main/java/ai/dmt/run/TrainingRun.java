package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelSaving;
import ai.dmt.engine.NativeEngine;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StateKeeper;
import ai.dmt.train.Trainer;
import ai.dmt.train.checkpoint.UnwrittenCheckpointException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Trains, measures held-out losses before, during and after, writes checkpoints, and saves the
 * model with its settings and metrics.
 *
 * <p>{@link #cancel} may be called by any thread: the step that is being made is finished, then the
 * model is saved.
 */
public final class TrainingRun {
  /** Name of the settings in the output folder. */
  public static final String SETTINGS_FILE = "train_config.json";

  /** Samples that are packed together for evaluation. */
  private static final int EVALUATION_WINDOW = 256;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Of a stopped run's model that was in the way. */
  static final String MADE_ROOM =
      "the model that the run was stopped with is deleted from %s: the disk has no room for it";

  private final PreparedTraining training;
  private final RunRank rank;
  private final List<RunListener> listeners = new ArrayList<>();
  private boolean cancelled;
  private @Nullable Trainer trainer; // null until the engine is there

  /**
   * Makes a run of one process; nothing is written or loaded yet.
   *
   * @param training checked and read; not closed by the run
   */
  public TrainingRun(PreparedTraining training) {
    this(training, RunRank.ALONE);
  }

  /**
   * Makes one rank's part of a run. Rank 0 alone writes.
   *
   * @param training checked and read; not closed by the run
   * @param rank this process's place among the ranks
   */
  public TrainingRun(PreparedTraining training, RunRank rank) {
    this.training = training;
    this.rank = rank;
  }

  /**
   * Adds a listener; they are called in the order in which they were added.
   *
   * @param listener called on the thread that runs
   */
  public void addListener(RunListener listener) {
    listeners.add(listener);
  }

  /** {@return how many optimizer steps the run would make} */
  public long totalSteps() {
    int size = training.settings().train().batch().globalBatchSize();
    long perEpoch = (training.trainSamples() + size - 1) / size;
    long all = Math.multiplyExact(perEpoch, training.settings().train().epochs());
    long most = training.settings().train().maxSteps();
    return most == 0 ? all : Math.min(all, most);
  }

  /** Ends the run after the step that is being made; the model is saved. */
  public synchronized void cancel() {
    cancelled = true;
    if (trainer != null) {
      trainer.cancel();
    }
  }

  /**
   * Runs to the end.
   *
   * @return where it ended; not finished if it was cancelled
   * @throws IOException if the output cannot be written; an older model is then as it was
   */
  public Progress run() throws IOException {
    if (!rank.writes()) {
      return runJoined();
    }
    OutputLock lock = OutputLock.acquire(training.job().output());
    try {
      ModelFolder.recover(training.job().output());
      JSON.writeValue(training.job().output().resolve(SETTINGS_FILE).toFile(), description());
      return runJoined();
    } finally {
      lock.close();
    }
  }

  private Progress runJoined() throws IOException {
    EngineConfig config = training.settings().engine().withSources(training.job().sourceNames());
    return rank.run(config, this::identity, this::runWith);
  }

  private RunIdentity identity() {
    TrainJob job = training.job();
    return RankIdentity.ofTraining(
        JSON.valueToTree(training.settings().resolved()),
        job.model(),
        training.sources(),
        job.start());
  }

  private Progress runWith(EngineConfig config) throws IOException {
    TrainJob job = training.job();
    ModelExtras extras = ModelExtras.of(job.model(), training.template(), training.tokenizer());
    try (NativeEngine engine = NativeEngine.open(job.model(), config)) {
      EngineFacts facts = EngineFacts.of(engine, config, training.settings().train().batch());
      listeners.forEach(listener -> listener.onEngine(facts));
      RunCheckpoints checkpoints = checkpoints(engine, extras);
      Progress from = checkpoints.start(job.start(), this::note);
      if (from.step() > 0
          && rank.writes()
          && OutputFolder.makeRoom(job.output(), job.model(), training.modelBytes())) {
        note(MADE_ROOM.formatted(job.output()));
      }
      Progress end = trainOrSave(engine, checkpoints, from, extras);
      save(engine, job.output(), training.settings().saveDType(), extras, job.output());
      MemoryAccount memory = engine.memory();
      listeners.forEach(listener -> listener.onSaved(job.output(), memory));
      return end;
    }
  }

  private void note(String line) {
    listeners.forEach(listener -> listener.onNote(line));
  }

  private RunCheckpoints checkpoints(NativeEngine engine, ModelExtras extras) {
    TrainJob job = training.job();
    return new RunCheckpoints(
        engine,
        job.output(),
        training.settings().checkpoints(),
        JSON.valueToTree(training.settings().resolved()),
        trainSources(),
        folder -> {
          JSON.writeValue(folder.resolve(SETTINGS_FILE).toFile(), description());
          extras.writeTo(folder);
        });
  }

  private List<Source> trainSources() {
    return training.sources().stream().map(SourceData::train).toList();
  }

  /**
   * Saves a model with its tokenizer and template, which appear together; elsewhere if the output
   * fails at last. All ranks call it.
   *
   * @param output of the run
   */
  static void save(NativeEngine engine, Path folder, DType type, ModelExtras extras, Path output) {
    new ModelSaving(engine, type, extras).save(folder, OutputFolder.elsewhere(output));
  }

  /** A checkpoint that cannot be written ends the run, but what it has learnt is saved. */
  private Progress trainOrSave(
      NativeEngine engine, RunCheckpoints checkpoints, Progress from, ModelExtras extras)
      throws IOException {
    try {
      return train(engine, checkpoints, from);
    } catch (UnwrittenCheckpointException e) {
      Path output = training.job().output();
      throw new ModelSaving(engine, training.settings().saveDType(), extras)
          .saveAfter(e, output, OutputFolder.elsewhere(output));
    }
  }

  private Progress train(NativeEngine engine, RunCheckpoints checkpoints, Progress from)
      throws IOException {
    try (MetricsFile metrics = rank.metrics(training.job().output(), from, this::note)) {
      if (from.step() == 0) {
        evaluateBefore(engine, metrics);
      }
      return start(engine, metrics, checkpoints.keeper(from))
          .train(trainSources(), heldOut(), from);
    }
  }

  private Trainer start(NativeEngine engine, MetricsFile metrics, StateKeeper keeper) {
    Trainer started = new Trainer(engine, training.settings().train());
    started.addListener(metrics);
    listeners.forEach(started::addListener);
    started.keepWith(keeper);
    synchronized (this) {
      trainer = started;
      if (cancelled) {
        trainer.cancel();
      }
    }
    return started;
  }

  private void evaluateBefore(NativeEngine engine, MetricsFile metrics) {
    List<Source> heldOut = heldOut();
    if (heldOut.isEmpty()) {
      return;
    }
    int tokens = training.settings().train().batch().maxTokensPerMicroBatch();
    Evaluation evaluation = evaluate(engine, heldOut, tokens);
    Progress start = Progress.start(totalSteps());
    metrics.onEvaluation(start, evaluation);
    listeners.forEach(listener -> listener.onEvaluation(start, evaluation));
  }

  /** Held-out loss of an engine as it is. */
  static Evaluation evaluate(NativeEngine engine, List<Source> heldOut, int maxTokens) {
    List<SourcedSample> samples = new ArrayList<>();
    for (Source source : heldOut) {
      int number = engine.sources().indexOf(source.name());
      source.samples().forEach(sample -> samples.add(new SourcedSample(sample, number)));
    }
    return new Evaluation(
        engine.evaluate(new SequencePacker(maxTokens, EVALUATION_WINDOW).pack(samples)));
  }

  private List<Source> heldOut() {
    return heldOut(training.sources());
  }

  /** Sources of which something is held out. */
  static List<Source> heldOut(List<SourceData> sources) {
    return sources.stream()
        .map(SourceData::heldOut)
        .filter(source -> !source.samples().isEmpty())
        .toList();
  }

  private Map<String, Object> description() {
    TrainJob job = training.job();
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("model", job.model().toString());
    Map<String, Object> data = new LinkedHashMap<>();
    job.sources()
        .forEach(
            source ->
                data.put(source.name(), source.files().stream().map(Path::toString).toList()));
    description.put("data", data);
    description.put("output", job.output().toString());
    description.put("settings", training.settings().resolved());
    return description;
  }
}
