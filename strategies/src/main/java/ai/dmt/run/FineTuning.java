package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.StepMetrics;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes a model with a strategy over sources: what {@code dmt train RECIPE} does, for
 * programs.
 *
 * <pre>{@code
 * FineTuning tuning =
 *     FineTuning.of(model)
 *         .specialized("math", Path.of("math.jsonl"))
 *         .general("chat", Path.of("chat.jsonl"))
 *         .strategy(StrategyRecipe.dmt(1 / 256.0))
 *         .training(training -> training.withNumTrainEpochs(2))
 *         .output(output)
 *         .build();
 * try (RunHandle run = tuning.start()) {
 *   RunResult result = run.join();
 * }
 * }</pre>
 *
 * <p>An object is immutable and may be run several times, one after the other. The output has the
 * model, the recipe, metrics.jsonl, ledger.json and checkpoints; one run at a time writes there.
 */
public final class FineTuning {
  private final Recipe recipe;
  private final RunStart start;
  private final CacheUse cache;
  private final RunRank rank;
  private final @Nullable Path work; // null unless the output is an object storage
  private final List<RunListener> listeners;

  FineTuning(
      Recipe recipe,
      RunStart start,
      CacheUse cache,
      RunRank rank,
      @Nullable Path work,
      List<RunListener> listeners) {
    this.recipe = recipe;
    this.start = start;
    this.cache = cache;
    this.rank = rank;
    this.work = work;
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Begins to describe a run.
   *
   * @param model Hugging Face folder to start from
   * @return a builder without a source
   * @throws ConfigException if its config.json is at fault
   */
  public static FineTuningBuilder of(Path model) {
    return new FineTuningBuilder(model);
  }

  /**
   * {@return a run of a recipe, whose {@code model} and {@code output_dir} are set}
   *
   * @param recipe complete; it is checked when the run starts
   */
  public static FineTuning of(Recipe recipe) {
    return new FineTuning(recipe, RunStart.FRESH, CacheUse.none(), RunRank.ALONE, null, List.of());
  }

  /**
   * {@return the run of a recipe's file}
   *
   * @param recipe its YAML file
   * @throws ConfigException with every fault of the file
   */
  public static FineTuning read(Path recipe) {
    return of(RecipeReader.read(recipe, List.of()));
  }

  /** {@return what will be run, complete with defaults} */
  public Recipe recipe() {
    return recipe;
  }

  /**
   * {@return the same run, going on from the newest whole checkpoint in its output if there is one}
   */
  public FineTuning resuming() {
    return withStart(new RunStart(false, RunStart.AUTO));
  }

  /** {@return the same run, replacing a model and deleting checkpoints in its output} */
  public FineTuning overwriting() {
    return withStart(new RunStart(true, ""));
  }

  /**
   * {@return the same run, with another treatment of what lies in its output}
   *
   * @param other what becomes of a model or checkpoints in the output
   */
  public FineTuning withStart(RunStart other) {
    return new FineTuning(recipe, other, cache, rank, work, listeners);
  }

  /**
   * {@return the same run with tokenised samples kept; without a cache, they are made anew each
   * time}
   *
   * @param other where they are kept
   */
  public FineTuning withCache(CacheUse other) {
    return new FineTuning(recipe, start, other, rank, work, listeners);
  }

  /**
   * {@return the same run as one of several ranks; each calls {@link #run} in a process of its own}
   *
   * @param other this process's place among the ranks
   */
  public FineTuning withRank(RunRank other) {
    return new FineTuning(recipe, start, cache, other, work, listeners);
  }

  /**
   * {@return the same run with a folder to work in, for an output that is an object storage} What
   * is whole there is uploaded; the AWS SDK's artifacts {@code s3} and {@code
   * url-connection-client} must be on the class path, and its environment says credentials and
   * endpoint.
   *
   * @param folder made if it is not there; all ranks see it
   */
  public FineTuning workingIn(Path folder) {
    return new FineTuning(recipe, start, cache, rank, folder, listeners);
  }

  /**
   * {@return the same run, seen by one more listener; they are called in the order of these calls}
   *
   * @param listener called on the thread that runs
   */
  public FineTuning withListener(RunListener listener) {
    List<RunListener> more = new ArrayList<>(listeners);
    more.add(listener);
    return new FineTuning(recipe, start, cache, rank, work, more);
  }

  /**
   * Starts the run in a thread of its own. The JVM does not end before it: whoever shuts down calls
   * {@link RunHandle#close}.
   *
   * @return a handle to watch, stop or await the run
   */
  public RunHandle start() {
    return start(task -> new Thread(task, "dmt-run").start());
  }

  /**
   * Starts the run.
   *
   * @param executor has a thread for as long as the run takes
   * @return a handle to watch, stop or await the run
   */
  public RunHandle start(Executor executor) {
    Running running = new Running();
    executor.execute(running::runToEnd);
    return running.handle;
  }

  /**
   * Runs to the end, in this thread.
   *
   * @return where the model is and how the run ended
   * @throws ConfigException if recipe, model folder, files or output are at fault; nothing has been
   *     written then
   * @throws ai.dmt.data.DataException if the data is
   * @throws ai.dmt.engine.EngineException if the engine fails
   * @throws IOException if the output cannot be written
   */
  public RunResult run() throws IOException {
    return new Running().run();
  }

  /**
   * Does once, in this thread and in place of the run, what would otherwise fail after hours: the
   * longest step, an evaluation, a checkpoint and a model written and read again, and the sum of
   * what the disk must hold. The output is left as it was.
   *
   * @return what was found; empty if the run to go on with is finished
   * @throws ConfigException if recipe, model folder, files or output are at fault, or the disk is
   *     too small
   * @throws ai.dmt.data.DataException if the data is
   * @throws ai.dmt.engine.EngineException if something else would fail
   * @throws IOException if the output cannot be looked at
   */
  public Optional<PreflightReport> preflight() throws IOException {
    RunOutput place = place();
    try (PreparedSchedule prepared =
        PreparedSchedule.of(recipe, place, start, cache, rank::requireDevice)) {
      ScheduleRun made = new ScheduleRun(prepared, rank);
      listeners.forEach(made::addListener);
      return made.preflight();
    }
  }

  private RunOutput place() {
    if (recipe.outputDir().isBlank()) {
      throw new ConfigException("output_dir is not set; name the folder to write to");
    }
    return RunOutput.of(recipe.outputDir(), work);
  }

  /** One run: what it was asked and where it is. */
  private final class Running implements RunListener {
    private final RunHandle handle = new RunHandle(this::stop);
    private @Nullable ScheduleRun run; // null until the data is read
    private boolean stopped;
    private @Nullable Evaluation before;
    private @Nullable Evaluation latest;

    private void runToEnd() {
      RunResult result = null;
      Throwable failure = null;
      handle.begin();
      try {
        result = run();
      } catch (Throwable e) { // whatever it is, the caller's stage has it
        failure = e;
      }
      handle.end(result, failure);
    }

    private RunResult run() throws IOException {
      try {
        return runOrFail();
      } catch (IOException | RuntimeException | Error e) {
        listeners.forEach(listener -> tell(listener, e));
        throw e;
      }
    }

    /** A listener that fails in turn does not hide what it was told. */
    private static void tell(RunListener listener, Throwable failure) {
      try {
        listener.onError(failure);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }

    private RunResult runOrFail() throws IOException {
      RunOutput place = place();
      try (PreparedSchedule prepared =
          PreparedSchedule.of(recipe, place, start, cache, rank::requireDevice)) {
        ScheduleRun made = new ScheduleRun(prepared, rank);
        made.addListener(this);
        listeners.forEach(made::addListener);
        begin(made);
        Progress end = made.run();
        return new RunResult(
            place.folder(),
            end,
            made.ledger(),
            Optional.ofNullable(before),
            Optional.ofNullable(latest));
      }
    }

    private synchronized void begin(ScheduleRun made) {
      run = made;
      if (stopped) {
        made.cancel();
      }
    }

    private synchronized void stop() {
      stopped = true;
      if (run != null) {
        run.cancel();
      }
    }

    @Override
    public void onPlanned(Ledger ledger) {
      handle.planned(ledger);
    }

    @Override
    public void onStart(Progress progress) {
      handle.at(progress);
    }

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      handle.at(progress);
    }

    @Override
    public void onEvaluation(Progress progress, Evaluation evaluation) {
      if (progress.step() == 0) {
        before = evaluation;
      }
      latest = evaluation;
    }
  }
}
