package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.engine.TrainingEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains an engine stage after stage of a schedule. In a run of several ranks each has a trainer
 * with the same schedule and samples, and trains on its share of every step.
 *
 * <pre>{@code
 * ScheduleTrainer trainer = new ScheduleTrainer(engine, settings);
 * trainer.addListener(metricsFile);
 * trainer.train(new DualStageMixed(1.0 / 256).plan(corpus, plan), sources, heldOut);
 * }</pre>
 *
 * <p>{@link #cancel} may be called by any thread; the rest is for one. The engine is this thread's
 * from the beginning of {@link #train} to its end. If another thread closes it meanwhile, such as a
 * shutdown hook, the run ends as if it were cancelled, and the closing waits for that.
 */
public final class ScheduleTrainer {
  private final TrainingEngine engine;
  private final ScheduleTraining settings;
  private final Rank rank;
  private final LongSupplier nanoTime;
  private StateKeeper keeper = StateKeeper.NONE;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private volatile boolean cancelled;
  private @Nullable MixtureController controller; // null: the mixtures stay as planned
  private int lastStage = Integer.MAX_VALUE;
  private boolean stopped;
  private SlowRanks slowRanks;

  /**
   * Makes a trainer. The engine stays the caller's, who closes it.
   *
   * @param engine what to train; must know the sources by name
   * @param settings what all stages share
   */
  public ScheduleTrainer(TrainingEngine engine, ScheduleTraining settings) {
    this(engine, settings, System::nanoTime);
  }

  ScheduleTrainer(TrainingEngine engine, ScheduleTraining settings, LongSupplier nanoTime) {
    this.engine = engine;
    this.settings = settings;
    this.rank = new Rank(engine.rank(), engine.worldSize());
    this.nanoTime = nanoTime;
    this.slowRanks = new SlowRanks(rank, number -> "rank " + number);
  }

  /**
   * Adds a listener; they are called in the order in which they were added.
   *
   * @param listener called on the thread that trains
   */
  public void addListener(TrainingListener listener) {
    listeners.add(listener);
  }

  /**
   * Sets who keeps the state of the run; before it starts. Without a call nobody does.
   *
   * @param stateKeeper this rank's
   */
  public void keepWith(StateKeeper stateKeeper) {
    keeper = stateKeeper;
  }

  /**
   * Sets who decides about the mixtures from held-out losses; before it starts. Without a call they
   * stay as planned. Going back to an earlier step needs a {@link StateKeeper} that can.
   *
   * @param mixtures of the schedule that is trained; its decisions so far hold
   */
  public void controlWith(MixtureController mixtures) {
    controller = mixtures;
  }

  /**
   * Ends the training after a stage, for another engine to go on; before it starts. Learning rates
   * and samples are those of the whole schedule.
   *
   * @param stage 0 for the first
   */
  public void endAfter(int stage) {
    lastStage = stage;
  }

  /**
   * Sets what ranks are called where one of them is slow; before it starts. Without a call their
   * numbers tell them apart.
   *
   * @param names of each rank, such as with its host
   */
  public void nameRanks(IntFunction<String> names) {
    slowRanks = new SlowRanks(rank, names);
  }

  /** {@return whether the ranks have agreed to stop before what was asked for was done} */
  public boolean stopped() {
    return stopped;
  }

  /**
   * Ends the run, on all ranks, after the step that is being made. A trainer that was cancelled
   * trains no more.
   */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Trains a whole schedule, see {@link #train(Schedule, List, List, Progress)}.
   *
   * @param schedule the stages
   * @param sources what the stages take from
   * @param heldOut what to measure the loss of while training; may be empty
   * @return where the run ended
   * @throws ConfigException if a source is none of the engine's, or a stage asks for what the
   *     sources do not have
   * @throws ai.dmt.data.DataException if a sample does not fit
   */
  public Progress train(Schedule schedule, List<Source> sources, List<Source> heldOut) {
    return train(schedule, sources, heldOut, Progress.start(0));
  }

  /**
   * Trains a schedule, or what is left of it.
   *
   * @param schedule the stages
   * @param sources what the schedule's stages take from
   * @param heldOut what to measure the loss of while training; may be empty
   * @param from where an earlier run ended; its step alone says which samples come next, and the
   *     engine must be as it was then. Nothing is replayed
   * @return where the run ended
   * @throws ConfigException if a source is none of the engine's, or a stage asks for what the
   *     sources do not have
   * @throws ai.dmt.data.DataException if a sample does not fit
   */
  public Progress train(
      Schedule schedule, List<Source> sources, List<Source> heldOut, Progress from) {
    TrainingSamples samples = new TrainingSamples(engine, sources);
    ScheduleBatches batches =
        new ScheduleBatches(
            schedule,
            sources.stream().map(SampleTable::of).toList(),
            settings.batch().globalBatchSize());
    List<MicroBatch> heldOutBatches =
        new TrainingSamples(engine, heldOut).packed(settings.batch().maxTokensPerMicroBatch());
    return engine.during(
        "train",
        this::cancel,
        () -> {
          try {
            engine.reserve(largestMicroBatch(batches));
            return run(batches, samples, heldOutBatches, from);
          } finally {
            keeper.abandon();
          }
        });
  }

  /** Decisions can put any samples of a stage together. */
  private long largestMicroBatch(ScheduleBatches batches) {
    return controller != null && controller.changesBatches()
        ? settings.limits().maxTokens()
        : batches.largestMicroBatch(rank.worldSize(), settings.packing(), settings.limits());
  }

  /** The steps and rates of a run as its decisions so far have them. */
  private final class Course {
    private final ScheduleBatches planned;
    private ScheduleBatches batches;
    private StageRates rates;

    Course(ScheduleBatches planned) {
      this.planned = planned;
      this.batches = state().decided(planned);
      this.rates = new StageRates(batches, settings.learningRate());
    }

    StageBatches stage(int stage) {
      return batches.stages().get(stage);
    }

    void decided() {
      batches = state().decided(planned);
      rates = new StageRates(batches, settings.learningRate());
    }
  }

  private ControlState state() {
    return controller == null ? ControlState.NONE : controller.state();
  }

  private Progress run(
      ScheduleBatches planned, TrainingSamples samples, List<MicroBatch> heldOut, Progress from) {
    Course course = new Course(planned);
    Progress progress = from.withTotalSteps(course.batches.totalSteps());
    Cursor cursor = course.batches.cursorAfter(progress.step());
    RemainingTime left = remaining(course.batches, heldOut, cursor);
    tell(TrainingListener::onStart, progress);
    TimeLimit time = new TimeLimit(settings.maxTime(), nanoTime);
    boolean stop = agreeToStop();
    int end = lastStage < planned.stages().size() ? lastStage + 1 : planned.stages().size();
    for (int s = cursor.stage(); s < end && !stop; s++) {
      long step = s == cursor.stage() ? cursor.step() : 0;
      stop = step == 0 && !replay(s, course, samples, progress);
      if (stop) {
        keep(progress, true);
        break;
      }
      progress = progress.in(stageProgress(s, course.stage(s), step));
      begin(s, step, course.stage(s), progress);
      while (step < course.stage(s).steps() && !stop) {
        long began = nanoTime.getAsLong();
        double rate = course.rates.at(s, step);
        List<SampleRef> refs = course.stage(s).samplesOf(step);
        StepMetrics metrics =
            slowRanks.measure(progress.step() + 1, engine, () -> step(samples.of(refs), rate));
        long ended = nanoTime.getAsLong();
        left.stepped(s, step, began, ended);
        step++;
        progress =
            progress.after(
                stageProgress(s, course.stage(s), step),
                rate,
                metrics,
                Duration.ofNanos(ended - began),
                left.after(progress.step() + 1));
        Progress now = progress;
        listeners.forEach(listener -> listener.onStep(now, metrics));
        if (time.isReached()) {
          cancel();
        }
        stop = agreeToStop();
        slowRanks.takeChanges().forEach(each -> tellOf(each, now));
        if (evaluateIfDue(now, heldOut, stop)) {
          left.pausesFor(RemainingTime.Pause.EVALUATION);
          progress = decided(now, course, left, heldOut);
          step = progress.stage().step();
        }
        boolean wentBack = progress.step() < now.step(); // to a state that is kept
        if (step < course.stage(s).steps() && (stop || !wentBack)) {
          keep(progress, stop);
        }
      }
      if (step == course.stage(s).steps()) {
        left.pausesFor(RemainingTime.Pause.STAGE_END);
        endStage(progress, stop);
      }
    }
    keeper.finish();
    progress = progress.finished() ? progress.over() : progress;
    stopped = stop && !progress.finished();
    if (stopped || end == planned.stages().size()) {
      tell(TrainingListener::onEnd, progress);
    }
    return progress;
  }

  /** Chooses what a stage that begins replays. @return false if the ranks agreed to stop instead */
  private boolean replay(int stage, Course course, TrainingSamples samples, Progress progress) {
    List<String> sources = controller == null ? List.of() : controller.toSelect(stage);
    if (controller == null || sources.isEmpty()) {
      return true;
    }
    ReplayChoice choice =
        new ReplayChoice(
            engine, course.batches, samples, settings.batch().maxTokensPerMicroBatch());
    List<ReplayedSamples> chosen =
        choice.of(stage, sources, controller.selection(), this::agreeToStop).orElse(null);
    if (chosen == null) {
      return false;
    }
    if (!chosen.isEmpty()) { // else all of each source is replayed, or nothing
      controller.selected(chosen);
      course.decided();
      listeners.forEach(listener -> listener.onReplay(progress, chosen));
    }
    return true;
  }

  private void endStage(Progress progress, boolean stop) {
    tell(TrainingListener::onStageEnd, progress);
    if (controller != null) {
      controller.stageEnded();
    }
    keep(progress, stop && !progress.finished());
  }

  /** Where the run goes on after an evaluation: behind it, or at an earlier step. */
  private Progress decided(
      Progress now, Course course, RemainingTime left, List<MicroBatch> heldOut) {
    List<MixtureDecision> made = controller == null ? List.of() : controller.decide(now);
    if (made.isEmpty()) {
      return now;
    }
    course.decided();
    long step = made.get(0).step();
    int stage = now.stage().stage();
    long stageStep = made.get(0).stageStep();
    Progress place = step < now.step() ? keeper.goBack(step) : now;
    Progress progress =
        place
            .withTotalSteps(course.batches.totalSteps())
            .in(stageProgress(stage, course.stage(stage), stageStep));
    left.goesOn(course.batches, course.batches.cursorAfter(progress.step()));
    listeners.forEach(listener -> listener.onDecision(progress, made));
    if (step < now.step()) { // what was measured last is of weights that are gone
      Evaluation evaluation = new Evaluation(engine.evaluate(heldOut));
      listeners.forEach(listener -> listener.onEvaluation(progress, evaluation));
    }
    return progress;
  }

  private void begin(int stage, long step, StageBatches batches, Progress progress) {
    boolean fresh = stage == 0; // its moments are zero, or those that the caller brought along
    if (!fresh
        && step == 0
        && batches.stage().settings().optimizerState() == StageSettings.OptimizerState.RESET) {
      engine.resetOptimizer();
    }
    tell(TrainingListener::onStageStart, progress);
  }

  private StepMetrics step(List<SourcedSample> samples, double rate) {
    GlobalBatch batch = new GlobalBatch(samples);
    List<StepPart> parts = settings.packing().cut(batch, rank, settings.limits());
    for (StepPart part : parts) {
      engine.accumulate(part.microBatch(), part.tokenWeight());
      slowRanks.computes(part.microBatch().tokens());
    }
    int most = mostParts(batch);
    for (int i = parts.size(); i < most; i++) {
      engine.accumulate(MicroBatch.NOTHING, 1);
    }
    return engine.apply(rate);
  }

  /** Micro-batches of the rank that has most of them: the others take part in all. */
  private int mostParts(GlobalBatch batch) {
    int most = 0;
    for (int r = 0; rank.worldSize() > 1 && r < rank.worldSize(); r++) {
      Rank other = new Rank(r, rank.worldSize());
      most = Math.max(most, settings.packing().cut(batch, other, settings.limits()).size());
    }
    return most;
  }

  /** Whether any rank was asked to stop: all end after the same step. */
  private boolean agreeToStop() {
    double[] votes = slowRanks.with(cancelled ? 1 : 0, keeper.isBusy() ? 1 : 0);
    engine.sumOverRanks(votes);
    slowRanks.shared(votes, 2);
    if (votes[1] == 0) {
      keeper.complete();
    }
    return votes[0] > 0;
  }

  private void keep(Progress progress, boolean stop) {
    if (stop) {
      keeper.keepAtStop(progress);
    } else {
      keeper.keepIfDue(progress);
    }
  }

  private RemainingTime remaining(ScheduleBatches batches, List<MicroBatch> heldOut, Cursor from) {
    long tokens = heldOut.stream().mapToLong(batch -> batch.tokenIds().length).sum();
    return RemainingTime.of(batches, from, settings.evalSteps(), tokens);
  }

  /** Whether held-out loss was measured. */
  private boolean evaluateIfDue(Progress progress, List<MicroBatch> heldOut, boolean stop) {
    boolean everySoOften = settings.evalSteps() > 0 && progress.step() % settings.evalSteps() == 0;
    boolean atTheEnd = progress.stage().step() == progress.stage().steps() || stop;
    if (heldOut.isEmpty() || !(everySoOften || atTheEnd)) {
      return false;
    }
    Evaluation evaluation = new Evaluation(engine.evaluate(heldOut));
    listeners.forEach(listener -> listener.onEvaluation(progress, evaluation));
    if (controller != null && controller.isOn()) {
      controller.measured(progress, shared(evaluation), everySoOften);
    }
    return true;
  }

  /** The losses of rank 0: what the ranks decide by is the same to the last bit. */
  private Map<String, Double> shared(Evaluation evaluation) {
    List<SourceLoss> sources =
        evaluation.sources().stream().filter(source -> source.labelTokens() > 0).toList();
    double[] losses =
        sources.stream().mapToDouble(source -> rank.number() == 0 ? source.mean() : 0).toArray();
    engine.sumOverRanks(losses);
    Map<String, Double> shared = new LinkedHashMap<>();
    for (int s = 0; s < losses.length; s++) {
      shared.put(sources.get(s).source(), losses[s]);
    }
    return shared;
  }

  private void tellOf(RankSpeed speed, Progress progress) {
    listeners.forEach(listener -> listener.onRankSpeed(progress, speed));
  }

  private void tell(StageEvent event, Progress progress) {
    listeners.forEach(listener -> event.tell(listener, progress));
  }

  private static StageProgress stageProgress(int stage, StageBatches batches, long step) {
    return new StageProgress(
        stage, batches.stage().name(), step, batches.steps(), batches.epochsAfter(step));
  }

  /** A listener's method that takes the progress alone. */
  private interface StageEvent {
    void tell(TrainingListener listener, Progress progress);
  }
}
