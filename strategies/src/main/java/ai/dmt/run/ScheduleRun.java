package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.Source;
import ai.dmt.engine.AttentionCalls;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelSaving;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.storage.StoredModel;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureController;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import ai.dmt.train.RankSpeed;
import ai.dmt.train.ReplayedSamples;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.ScheduleTrainer;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.StateKeeper;
import ai.dmt.train.TrainingListener;
import ai.dmt.train.checkpoint.UnwrittenCheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Trains all stages of a recipe; saves the model after each stage and at the end, with recipe,
 * ledger, metrics and checkpoints beside it.
 *
 * <p>{@link #cancel} may be called by any thread: the step that is being made is finished, then the
 * model is saved.
 */
public final class ScheduleRun {
  /** Name of the recipe in the output folder, complete with defaults. */
  public static final String RECIPE_FILE = "recipe.yaml";

  /** Name of the folder of models as they were after each stage. */
  public static final String STAGES_FOLDER = "stages";

  /** Name of what the schedule asked for and got. */
  public static final String LEDGER_FILE = "ledger.json";

  /** Of a stopped run's model that was in the way. */
  private static final String MADE_ROOM =
      "the model that the run was stopped with is deleted from %s: the disk has no room for it";

  /** Runs that are planned to be longer are worth a minute before. */
  private static final Duration LONG = Duration.ofMinutes(10);

  /** Name of what the preflight found, in the output folder. */
  static final String PREFLIGHT_FILE = "preflight.json";

  /** Names of 143 bytes fit into every file system in use. */
  private static final int MOST_STAGE_CHARACTERS = 100;

  private final Recipe asked; // the same on all ranks
  private PreparedSchedule prepared; // with a number for auto, once the run begins
  private @Nullable MicroBatchChoice choice; // null where the recipe has the number
  private final RunRank rank;
  private final List<RunListener> listeners = new ArrayList<>();
  private PreflightUse preflight = PreflightUse.NONE;
  private @Nullable PreflightReport report; // null where there was no preflight
  private boolean begun; // it has written to the output
  private boolean cancelled;
  private @Nullable NativeEngine current; // null until the first stage's is there
  private boolean stopped; // before all stages were done
  private long begunNanos; // 0 until a first engine trains under a limit of time
  private @Nullable Path speeds; // null: nothing was measured before
  private @Nullable ModelExtras extras; // null until the run begins
  private RunCopies copies = RunCopies.NONE;
  private IntFunction<String> rankNames = number -> "rank " + number; // until they have met
  private @Nullable RunRecord record; // null until the run begins, and on ranks that write nothing
  private @Nullable ScheduleTrainer trainer; // null until the engine is there
  private final MixtureController controller;

  /**
   * Makes a run of one process; nothing is written or loaded yet.
   *
   * @param prepared checked and read; not closed by the run
   */
  public ScheduleRun(PreparedSchedule prepared) {
    this(prepared, RunRank.ALONE);
  }

  /**
   * Makes one rank's part of a run. Rank 0 alone writes.
   *
   * @param prepared checked and read; not closed by the run
   * @param rank this process's place among the ranks
   */
  public ScheduleRun(PreparedSchedule prepared, RunRank rank) {
    this.rank = rank;
    this.asked = prepared.recipe();
    this.prepared = prepared;
    this.controller = prepared.controller();
  }

  /**
   * Adds a listener; they are called in the order in which they were added.
   *
   * @param listener called on the thread that runs
   */
  public void addListener(RunListener listener) {
    listeners.add(listener);
  }

  /**
   * Predicts this run's speed from what was measured before, see {@link ai.dmt.plan.SpeedFile}; its
   * plan.json has prediction and measurement.
   *
   * @param folder of measured speeds; need not be there
   */
  public void compareWithSpeeds(Path folder) {
    speeds = folder;
  }

  /**
   * Makes a preflight first if the run is planned to take more than ten minutes, see {@link
   * #preflight()}; preflight.json in the output has what it found.
   */
  public void beginWithPreflightIfLong() {
    preflight = PreflightUse.IF_LONG;
  }

  /**
   * Does once, in place of the run, what would otherwise fail after hours: the longest step, an
   * evaluation, a checkpoint and a model written and read again, and the sum of what the disk must
   * hold. The output is left as it was. All ranks call it.
   *
   * @return what was found; empty if the run to go on with is finished
   * @throws ai.dmt.config.ConfigException if the disk is too small
   * @throws ai.dmt.engine.EngineException if something else would fail
   * @throws IOException if the output cannot be looked at
   */
  public Optional<PreflightReport> preflight() throws IOException {
    preflight = PreflightUse.ALONE;
    run();
    return Optional.ofNullable(report);
  }

  /** Ends the run after the step that is being made; the model is saved. */
  public synchronized void cancel() {
    cancelled = true;
    if (trainer != null) {
      trainer.cancel();
    }
  }

  /**
   * {@return the folder of the model as it was after a stage}
   *
   * @param output folder that the run writes to
   * @param stage 0 for the first
   * @param name of the stage; characters that a file name should not have become underscores
   */
  public static Path stageFolder(Path output, int stage, String name) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]", "_"); // a custom stage has any name
    String cut = safe.substring(0, Math.min(safe.length(), MOST_STAGE_CHARACTERS));
    return output.resolve(STAGES_FOLDER).resolve((stage + 1) + "-" + cut);
  }

  /**
   * Runs to the end.
   *
   * @return where it ended; not finished if it was cancelled
   * @throws IOException if the output cannot be written
   */
  public Progress run() throws IOException {
    listeners.forEach(listener -> listener.onPlanned(prepared.ledger()));
    if (!rank.writes()) {
      return runJoined();
    }
    Path output = prepared.output();
    Path existing = OutputPlace.existing(output);
    OutputLock lock = OutputLock.acquire(output);
    try (RunCopies opened = openCopies()) {
      copies = opened;
      ModelFolder.recover(output);
      Preflight.clear(output);
      RunFailure.forget(output);
      fetchIfAsked();
      chooseMicroBatch();
      return runStored();
    } catch (IOException | RuntimeException | Error e) {
      if (begun) {
        RunFailure.write(output, e);
      }
      throw e;
    } finally {
      lock.close();
      if (!begun) {
        OutputFolder.removeEmpty(output, existing);
      }
    }
  }

  private RunCopies openCopies() {
    int kept = prepared.recipe().training().checkpoints().saveTotalLimit();
    return prepared
        .place()
        .storage()
        .<RunCopies>map(place -> new RunStorage(place, prepared.output(), kept))
        .orElse(RunCopies.NONE);
  }

  private void fetchIfAsked() throws IOException {
    if (prepared.place().storage().isEmpty() || preflight == PreflightUse.ALONE) {
      return;
    }
    note("working in %s; what is whole goes to %s".formatted(prepared.output(), prepared.place()));
    if (prepared.start().isAuto()
        && !FinishedRun.isThere(prepared.output(), prepared.start())
        && !copies.isFinished()) {
      copies.fetchNewest(this::note);
    }
  }

  /** All that is whole when the run ends gets where it belongs, whatever ended it. */
  private Progress runStored() throws IOException {
    Progress end;
    try {
      end = runJoined();
    } catch (IOException | RuntimeException | Error e) {
      if (begun) {
        finishCopies(e);
      }
      throw e;
    }
    try {
      copies.finish();
    } finally {
      tellOfCopies();
    }
    return end;
  }

  private void finishCopies(Throwable failure) {
    try {
      copies.finish();
    } catch (IOException e) {
      failure.addSuppressed(e);
      note(Disk.reason(e));
    }
  }

  private void tellOfCopies() {
    copies.notes().forEach(this::note);
  }

  private void chooseMicroBatch() throws IOException {
    choice = MicroBatchChoice.of(prepared, rank, speeds, this::note).orElse(null);
    if (choice != null) {
      prepared = prepared.withMaxTokens(choice.maxTokens());
      note(choice.text());
    }
  }

  private void describe(Path folder) throws IOException {
    Recipe recipe = prepared.recipe();
    String from = StoredModel.origin(Path.of(recipe.model())).orElse(recipe.model());
    FileOutput.write(folder.resolve(RECIPE_FILE), RecipeWriter.yaml(recipe.withModel(from)));
    FileOutput.write(folder.resolve(LEDGER_FILE), ledger().toJson().toPrettyString() + "\n");
    ReplayFile.write(folder, controller.state().replayed(), prepared.sources());
  }

  /** {@return what the schedule asked for and gets, as far as the run has decided} */
  public Ledger ledger() {
    return prepared.ledger(controller.state());
  }

  /** A run that is finished joins nobody and needs no engine. */
  private Progress runJoined() throws IOException {
    Path output = prepared.output();
    RunIdentity settings =
        RunCheckpoints.settings(RecipeWriter.json(prepared.recipe()), trainSources());
    FinishedRun finished = new FinishedRun(output, settings, prepared.model());
    Optional<Progress> over = finished.read(prepared.start());
    if (over.isPresent()) {
      copies.begin();
      copies.catchUp(); // its last uploads may have failed
    } else if (prepared.start().isAuto() && prepared.place().storage().isPresent()) {
      over =
          finished.parse(RunStorage.finished(prepared.place().storage().get()), prepared.place());
    }
    if (over.isPresent()) {
      note(
          "the run is finished: its model is in %s, and nothing is left to do"
              .formatted(prepared.place()));
      return over.get();
    }
    return rank.run(
        prepared.recipe().engineConfig(),
        this::identity,
        config -> runWith(config, settings, finished),
        groups -> {
          groups.onSilence(this::note);
          rankNames = groups::name;
        });
  }

  private RunIdentity identity() {
    return RankIdentity.ofTraining(
            RecipeWriter.json(asked),
            prepared.model().folder(),
            prepared.sources(),
            prepared.start())
        .plus(new RunIdentity(Map.of("preflight", preflight.word())));
  }

  private Progress runWith(EngineConfig config, RunIdentity settings, FinishedRun finished)
      throws IOException {
    extras = ModelExtras.of(prepared.model().folder(), prepared.template(), prepared.tokenizer());
    makePreflight(config, settings);
    if (preflight == PreflightUse.ALONE) {
      return Progress.start(prepared.batches().totalSteps());
    }
    if (rank.writes()) {
      copies.begin();
      begun = true;
      describe(prepared.output());
      keepReport(prepared.output());
      listeners.add(new PlanCheck(prepared, rank.place(), choice, speeds, this::note));
    }
    try (TensorBoardLog board = rank.writes() ? TensorBoardLog.of(prepared, this::note) : null) {
      if (board != null) {
        listeners.add(board);
      }
      return trainStages(config, settings, finished);
    }
  }

  /** One engine after the other, where stages begin adapters; one for all, where they do not. */
  private Progress trainStages(EngineConfig config, RunIdentity settings, FinishedRun finished)
      throws IOException {
    StageModels models = new StageModels(prepared);
    Progress from = null;
    boolean restored = false; // what the engine is to go on from
    for (int first = 0; ; ) {
      int last = models.last(first);
      try (NativeEngine engine = models.open(first, config)) {
        current = engine;
        RunCheckpoints checkpoints = checkpoints(engine, settings);
        if (from == null) {
          EngineFacts facts =
              EngineFacts.of(
                  engine,
                  config,
                  prepared.plannedMemory(engine.model(), config),
                  () -> Objects.requireNonNull(current).memory());
          listeners.forEach(listener -> listener.onEngine(facts));
          from = begin(checkpoints, finished, progress -> progress.stage().stage() <= last);
          if (rank.writes()) {
            record = RunRecord.begin(prepared, config, from, controller);
            describe(prepared.output()); // with the decisions that a checkpoint has
          }
          restored = from.step() == 0 || from.stage().stage() <= last;
          if (!restored) {
            first = models.first(from.stage().stage());
            continue; // the checkpoint is of another engine's stage
          }
        } else if (!restored) {
          checkpoints.start(prepared.start(), line -> {}, progress -> true);
          restored = true;
        }
        from = trainOrSave(engine, checkpoints, from, last);
        AttentionCalls attention = engine.attentionCalls();
        if (!attention.equals(new AttentionCalls(0, 0, 0))) {
          note(attention.text());
        }
        if (stopped || last + 1 == prepared.batches().stages().size()) {
          saveAtEnd(engine, from, finished);
          return from;
        }
        models.handOver(engine, last, this::writeBeside);
      }
      first = last + 1;
    }
  }

  /** Tokenizer, template, record and card of a model. */
  private void writeBeside(Path folder) throws IOException {
    extras().writeTo(folder);
    record().writeWithCard(folder);
  }

  /** If rank 0 finds that there should be one; its number of a micro-batch counts, too. */
  private void makePreflight(EngineConfig config, RunIdentity settings) throws IOException {
    boolean due = preflight == PreflightUse.ALONE || (rank.writes() && isLong());
    RunAgreement agreed =
        new RunAgreement(prepared.recipe().training().maxTokensPerMicroBatch(), due);
    if (preflight == PreflightUse.IF_LONG || MicroBatchChoice.isOpen(asked)) {
      agreed = agreed.shared(config);
      prepared = prepared.withMaxTokens(agreed.maxTokens());
    }
    if (agreed.preflight()) {
      report = new Preflight(prepared, config, settings, extras()).run();
      report.lines().forEach(this::note);
    }
  }

  private boolean isLong() throws IOException {
    return preflight == PreflightUse.IF_LONG
        && PlannedTime.of(prepared, rank.place(), speeds).compareTo(LONG) > 0;
  }

  private void keepReport(Path output) throws IOException {
    Path file = output.resolve(PREFLIGHT_FILE);
    if (report == null) {
      Files.deleteIfExists(file); // an older run's
    } else {
      FileOutput.write(file, report.json());
    }
  }

  /** On the rank that writes. */
  private RunRecord record() {
    return Objects.requireNonNull(record, "the run has not begun");
  }

  private ModelExtras extras() {
    return Objects.requireNonNull(extras, "the run has not begun");
  }

  /** Where the run is, with room for what it will write. */
  private Progress begin(
      RunCheckpoints checkpoints, FinishedRun finished, Predicate<Progress> ofEngine)
      throws IOException {
    Path output = prepared.output();
    Progress from = checkpoints.start(prepared.start(), this::note, ofEngine);
    if (!rank.writes()) {
      return from;
    }
    finished.forget();
    if (from.step() == 0) {
      copies.clear(prepared.start().resumes()); // an older run's
    } else {
      copies.catchUp(); // the run was killed before it had copied them
    }
    if (from.step() == 0) {
      OutputFolder.clearStages(output.resolve(STAGES_FOLDER)); // an older run's
      OutputFolder.clearStages(output.resolve(StageModels.FOLDER));
      if (prepared.start().isAuto() && OutputFolder.holdsModel(output)) {
        note("there is no checkpoint: the run begins, and replaces the model in " + output);
      }
    } else if (OutputFolder.makeRoom(output, prepared.model().folder(), prepared.modelBytes())) {
      note(MADE_ROOM.formatted(output));
    }
    return from;
  }

  private void saveAtEnd(NativeEngine engine, Progress end, FinishedRun finished)
      throws IOException {
    Path output = prepared.output();
    if (end.step() == 0) {
      note("stopped before the first step: there is no model to save");
      return;
    }
    if (!end.finished()) {
      save(engine, output);
    } else if (rank.writes()) {
      publish(stageFolder(output, end.stage().stage(), end.stage().name()), output);
      finished.write(end);
    }
    copies.keepModel();
    MemoryAccount memory = engine.memory();
    listeners.forEach(listener -> listener.onSaved(output, memory));
  }

  private void note(String line) {
    listeners.forEach(listener -> listener.onNote(line));
  }

  private RunCheckpoints checkpoints(NativeEngine engine, RunIdentity settings) {
    return new RunCheckpoints(
        engine,
        prepared.output(),
        prepared.recipe().training().checkpoints(),
        settings,
        controller,
        folder -> {
          describe(folder);
          record().write(folder);
          extras().writeTo(folder);
          engine.writeAdapterConfig(folder);
          OutputLock.demandHeld(prepared.output());
        });
  }

  private List<Source> trainSources() {
    return prepared.sources().stream().map(SourceData::train).toList();
  }

  /** A checkpoint that cannot be written ends the run, but what it has learnt is saved. */
  private Progress trainOrSave(
      NativeEngine engine, RunCheckpoints checkpoints, Progress from, int lastStage)
      throws IOException {
    try {
      return train(engine, checkpoints, from, lastStage);
    } catch (UnwrittenCheckpointException e) {
      Path output = prepared.output();
      throw saving(engine).saveAfter(e, output, OutputFolder.elsewhere(output));
    }
  }

  private Progress train(
      NativeEngine engine, RunCheckpoints checkpoints, Progress from, int lastStage)
      throws IOException {
    int decisions = controller.state().decisions().size();
    try (MetricsFile metrics = rank.metrics(prepared.output(), from, decisions, this::note)) {
      EngineRecipe computes = prepared.recipe().engine();
      metrics.countMemoryOf(new DeviceConfig(computes.device(), computes.deviceIndex()).at(0));
      List<Source> heldOut = PreparedSources.heldOut(prepared.sources());
      if (from.step() == 0) {
        evaluateBefore(engine, heldOut, metrics);
      }
      ScheduleTrainer started =
          start(engine, metrics, checkpoints.keeper(from, copies::keepCheckpoint));
      started.endAfter(lastStage);
      Progress end = started.train(prepared.batches().schedule(), trainSources(), heldOut, from);
      stopped = started.stopped();
      return end;
    }
  }

  /** The settings of all stages, with what earlier engines have left of the run's time. */
  private ScheduleTraining timeLeft() {
    ScheduleTraining settings = prepared.training();
    if (settings.maxTime().isZero()) {
      return settings;
    }
    begunNanos = begunNanos == 0 ? System.nanoTime() : begunNanos;
    Duration left = settings.maxTime().minusNanos(System.nanoTime() - begunNanos);
    return settings.withMaxTime(left.isNegative() || left.isZero() ? Duration.ofNanos(1) : left);
  }

  /** With what was decided. */
  private void writeLedger() {
    if (rank.writes()) {
      try {
        describe(prepared.output());
      } catch (IOException e) {
        note("%s cannot be written: %s".formatted(LEDGER_FILE, Disk.reason(e)));
      }
    }
  }

  private void evaluateBefore(NativeEngine engine, List<Source> heldOut, MetricsFile metrics) {
    if (!heldOut.isEmpty()) {
      Evaluation before =
          PreparedSources.evaluate(
              engine, heldOut, prepared.training().batch().maxTokensPerMicroBatch());
      Progress start = Progress.start(prepared.batches().totalSteps());
      metrics.onEvaluation(start, before);
      listeners.forEach(listener -> listener.onEvaluation(start, before));
    }
  }

  private ScheduleTrainer start(NativeEngine engine, MetricsFile metrics, StateKeeper keeper) {
    ScheduleTrainer started = new ScheduleTrainer(engine, timeLeft());
    started.nameRanks(rankNames);
    started.addListener(metrics);
    if (rank.writes()) {
      started.addListener(record());
    }
    listeners.forEach(started::addListener);
    started.addListener(
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            tellOfCopies();
          }

          @Override
          public void onRankSpeed(Progress progress, RankSpeed speed) {
            note(speed.text());
          }

          @Override
          public void onDecision(Progress progress, List<MixtureDecision> made) {
            writeLedger();
          }

          @Override
          public void onReplay(Progress progress, List<ReplayedSamples> chosen) {
            writeLedger();
          }

          @Override
          public void onStageEnd(Progress progress) {
            int stage = progress.stage().stage();
            Path folder = stageFolder(prepared.output(), stage, progress.stage().name());
            save(engine, folder);
            if (!progress.finished()) { // the last one's is the run's
              copies.keepStage(folder);
            }
          }
        });
    started.keepWith(keeper);
    started.controlWith(controller);
    synchronized (this) {
      trainer = started;
      if (cancelled) {
        trainer.cancel();
      }
    }
    return started;
  }

  /** The model of the last stage is the run's. */
  private static void publish(Path stage, Path output) {
    try {
      ModelFolder.link(stage, output);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the model in %s cannot be brought to %s: %s".formatted(stage, output, e.getMessage()),
          e);
    }
  }

  /**
   * Saves a model with its tokenizer and template, which appear together; elsewhere if the output
   * fails at last. All ranks call it.
   */
  private void save(NativeEngine engine, Path folder) {
    saving(engine).save(folder, OutputFolder.elsewhere(prepared.output()));
  }

  private ModelSaving saving(NativeEngine engine) {
    return new ModelSaving(engine, prepared.saveDType(), this::writeBeside);
  }
}
