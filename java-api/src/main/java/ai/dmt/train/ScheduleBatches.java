package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A schedule over sources of known sizes: which samples form which step of which stage. Pure
 * functions of (schedule, tables, step); used by one thread at a time.
 */
public final class ScheduleBatches {
  private final Schedule schedule;
  private final List<SampleTable> tables;
  private final List<StageBatches> stages = new ArrayList<>();

  /**
   * Chooses the samples of all stages.
   *
   * @param schedule the stages; their sources must be among the tables
   * @param tables with different names
   * @param globalBatchSize samples of a step over all ranks
   * @throws ConfigException if a stage asks for what the sources do not have
   */
  public ScheduleBatches(Schedule schedule, List<SampleTable> tables, int globalBatchSize) {
    List<String> names = tables.stream().map(SampleTable::name).toList();
    new Faults("schedule")
        .positive("globalBatchSize", globalBatchSize)
        .require(
            new HashSet<>(names).size() == names.size(),
            "sources must have different names, got " + names)
        .throwIfAny();
    this.schedule = schedule;
    this.tables = List.copyOf(tables);
    for (Stage stage : schedule.stages()) {
      stages.add(new StageBatches(stage, this.tables, schedule, globalBatchSize));
    }
  }

  private ScheduleBatches(Schedule schedule, List<SampleTable> tables, List<StageBatches> stages) {
    this.schedule = schedule;
    this.tables = tables;
    this.stages.addAll(stages);
  }

  /**
   * {@return the batches of the same schedule with replayed samples that were chosen; these ones if
   * there are none}
   *
   * @param chosen all of a run; these batches must be as planned
   */
  public ScheduleBatches replaying(List<ReplayedSamples> chosen) {
    if (chosen.isEmpty()) {
      return this;
    }
    List<StageBatches> replaying = new ArrayList<>();
    for (StageBatches each : stages) {
      String name = each.stage().name();
      replaying.add(
          each.replaying(
              tables,
              schedule,
              chosen.stream().filter(samples -> samples.stage().equals(name)).toList()));
    }
    return new ScheduleBatches(schedule, tables, replaying);
  }

  /**
   * {@return the batches of the same schedule after decisions about its mixtures; these ones if
   * there are none}
   *
   * @param decisions all of a run; these batches must be as planned
   */
  public ScheduleBatches decided(List<MixtureDecision> decisions) {
    if (decisions.isEmpty()) {
      return this;
    }
    List<StageBatches> decided = new ArrayList<>();
    for (int stage = 0; stage < stages.size(); stage++) {
      String name = schedule.stages().get(stage).name();
      decided.add(
          stages
              .get(stage)
              .decided(
                  tables,
                  decisions.stream().filter(each -> each.stage().equals(name)).toList(),
                  schedule.replayed(stage),
                  schedule.subsetSeed()));
    }
    return new ScheduleBatches(schedule, tables, decided);
  }

  /** {@return the schedule that these are the batches of} */
  public Schedule schedule() {
    return schedule;
  }

  /** {@return the sources, in the order that {@link SampleRef#source()} counts} */
  public List<SampleTable> tables() {
    return tables;
  }

  /** {@return the batches of each stage, in the order of the schedule} */
  public List<StageBatches> stages() {
    return List.copyOf(stages);
  }

  /** {@return how many optimizer steps all stages have} */
  public long totalSteps() {
    return stages.stream().mapToLong(StageBatches::steps).sum();
  }

  /**
   * {@return how many optimizer steps are made before a stage begins}
   *
   * @param stage 0 for the first; the number of stages for the end
   */
  public long stepsBefore(int stage) {
    return stages.subList(0, stage).stream().mapToLong(StageBatches::steps).sum();
  }

  /**
   * {@return tokens of the largest micro-batch of any rank, or a little more: what an engine should
   * {@link ai.dmt.engine.TrainingEngine#reserve}}
   *
   * @param worldSize ranks that share each step, from 1
   * @param packing how steps are cut
   * @param limits of micro-batches; without lengths of samples the largest is the limit
   */
  public long largestMicroBatch(int worldSize, Packing packing, Packing.Limits limits) {
    return new LargestMicroBatch(this, worldSize, packing, limits).tokens();
  }

  /**
   * {@return the samples of a step over all ranks, in its order}
   *
   * @param stage 0 for the first
   * @param step 0 for the first of the stage
   * @throws IllegalArgumentException if the stage has no such step
   */
  public List<SampleRef> samplesOf(int stage, long step) {
    return stages.get(stage).samplesOf(step);
  }

  /**
   * {@return where a run goes on that has made so many steps}
   *
   * @param steps from 0 to {@link #totalSteps()}; after the last, the cursor's stage is the number
   *     of stages
   * @throws ConfigException if the schedule has fewer, or it is negative
   */
  public Cursor cursorAfter(long steps) {
    long left = steps;
    for (int stage = 0; stage < stages.size(); stage++) {
      if (left < stages.get(stage).steps()) {
        return new Cursor(stage, left);
      }
      left -= stages.get(stage).steps();
    }
    if (left > 0 || steps < 0) {
      throw new ConfigException(
          "the schedule has %s steps, cannot go on after %s".formatted(totalSteps(), steps));
    }
    return new Cursor(stages.size(), 0);
  }
}
