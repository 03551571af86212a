package ai.dmt.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which samples form which step of a stage: each epoch goes through the mixture once in an order of
 * its own, and its last step may be smaller (steps per epoch are rounded up). A pure function of
 * (mixture, seed, step), whatever the world size and the size of micro-batches; of decisions as
 * well, where a run makes them ([Note: decided steps] in {@link DecidedSteps}).
 *
 * <p>Any step can be asked for at once. A shuffle of the epoch (one int per sample, 0.9 MB and some
 * milliseconds for the paper's 216,224 rows) is kept for the epoch that was asked for last; a
 * permutation computed per sample would save that memory and cost a dozen hashes for each sample.
 */
public final class StageBatches {
  private final Stage stage;
  private final Selection selection;
  private final int globalBatchSize;
  private final SampleOrder order;
  private final @Nullable DecidedSteps decided; // null: all steps are as planned
  private long cachedEpoch = -1;
  private int[] cachedOrder = {};

  StageBatches(Stage stage, List<SampleTable> tables, Schedule schedule, int globalBatchSize) {
    this(
        stage,
        tables,
        schedule,
        globalBatchSize,
        table -> SubsetRanking.rank(table, schedule.subsetSeed()));
  }

  private StageBatches(
      Stage stage,
      List<SampleTable> tables,
      Schedule schedule,
      int globalBatchSize,
      Selection.Rankings rankings) {
    this.stage = stage;
    this.selection = Selection.of(stage.name(), stage.mixture(), tables, rankings);
    this.globalBatchSize = globalBatchSize;
    this.order = new SampleOrder(selection.size(), schedule.seed());
    this.decided = null;
  }

  private StageBatches(
      StageBatches plan,
      List<SampleTable> tables,
      List<MixtureDecision> decisions,
      Set<String> replayed,
      long subsetSeed) {
    this.stage = plan.stage;
    this.selection = plan.selection;
    this.globalBatchSize = plan.globalBatchSize;
    this.order = plan.order;
    this.decided = new DecidedSteps(plan, tables, decisions, replayed, subsetSeed);
  }

  /**
   * The same stage with replayed samples that were chosen; it has as many steps.
   *
   * @param tables of all sources
   * @param chosen the stage's; other sources are as planned
   */
  StageBatches replaying(
      List<SampleTable> tables, Schedule schedule, List<ReplayedSamples> chosen) {
    if (chosen.isEmpty()) {
      return this;
    }
    Selection.Rankings rankings =
        table ->
            chosen.stream()
                .filter(each -> each.source().equals(table.name()))
                .findFirst()
                .map(each -> each.samples().stream().mapToInt(Integer::intValue).toArray())
                .orElseGet(() -> SubsetRanking.rank(table, schedule.subsetSeed()));
    StageBatches replaying = new StageBatches(stage, tables, schedule, globalBatchSize, rankings);
    if (replaying.samplesPerEpoch() != samplesPerEpoch()) {
      throw new IllegalStateException(
          "stage \"%s\" replays other samples, and has %s instead of %s in an epoch"
              .formatted(stage.name(), replaying.samplesPerEpoch(), samplesPerEpoch()));
    }
    return replaying;
  }

  /**
   * The same stage after decisions.
   *
   * @param tables of all sources
   * @param decisions of the stage
   * @param replayed those of its sources that an earlier stage has had
   */
  StageBatches decided(
      List<SampleTable> tables,
      List<MixtureDecision> decisions,
      Set<String> replayed,
      long subsetSeed) {
    return decisions.isEmpty()
        ? this
        : new StageBatches(this, tables, decisions, replayed, subsetSeed);
  }

  /** {@return the stage that these are the batches of} */
  public Stage stage() {
    return stage;
  }

  /** {@return how many samples an epoch has, repeats included} */
  public int samplesPerEpoch() {
    return selection.size();
  }

  /** {@return all samples of an epoch before they are shuffled, source after source} */
  public List<SampleRef> epoch() {
    return IntStream.range(0, selection.size()).mapToObj(selection::at).toList();
  }

  /** {@return how many optimizer steps an epoch has; the last may be smaller} */
  public long stepsPerEpoch() {
    return (selection.size() + globalBatchSize - 1L) / globalBatchSize;
  }

  /** {@return how many optimizer steps the stage has} */
  public long steps() {
    return decided == null ? plannedSteps() : decided.end();
  }

  /** {@return how many it was planned with; decisions may have made it shorter} */
  public long plannedSteps() {
    long all = Math.multiplyExact(stepsPerEpoch(), stage.settings().epochs());
    long most = stage.settings().maxSteps();
    return most == 0 ? all : Math.min(all, most);
  }

  /**
   * {@return the planned step that a step is at} Its learning rate and its epoch are that one's.
   *
   * @param step 0 for the first of the stage; {@link #steps()} for its end
   */
  public long plannedStep(long step) {
    return decided == null || step < decided.first() ? step : decided.plannedStep(step);
  }

  /**
   * {@return passes over the mixture that are done after so many steps, such as 1.25}
   *
   * @param steps of the stage that are done
   */
  public double epochsAfter(long steps) {
    return (double) plannedStep(steps) / stepsPerEpoch();
  }

  /**
   * {@return the samples of a step over all ranks, in its order}
   *
   * @param step 0 for the first of the stage
   * @throws IllegalArgumentException if the stage has no such step
   */
  public List<SampleRef> samplesOf(long step) {
    if (step < 0 || step >= steps()) {
      throw new IllegalArgumentException(
          "stage \"%s\" has steps 0 to %s, got %s".formatted(stage.name(), steps() - 1, step));
    }
    if (decided != null && step >= decided.first()) {
      return decided.samplesOf(step);
    }
    int[] places = orderOf(step / stepsPerEpoch());
    int from = (int) (step % stepsPerEpoch()) * globalBatchSize;
    List<SampleRef> batch = new ArrayList<>();
    for (int i = from; i < Math.min(from + globalBatchSize, places.length); i++) {
      batch.add(selection.at(places[i]));
    }
    return batch;
  }

  int globalBatchSize() {
    return globalBatchSize;
  }

  /** How many samples a planned step has. */
  int sizeOf(long step) {
    long from = step % stepsPerEpoch() * globalBatchSize;
    return (int) Math.min(globalBatchSize, selection.size() - from);
  }

  /** All samples of an epoch in its order, also of one that was not planned. */
  List<SampleRef> ordered(long epoch) {
    return Arrays.stream(orderOf(epoch)).mapToObj(selection::at).toList();
  }

  private int[] orderOf(long epoch) {
    if (epoch != cachedEpoch) {
      cachedOrder = order.epoch(epoch);
      cachedEpoch = epoch;
    }
    return cachedOrder;
  }
}
