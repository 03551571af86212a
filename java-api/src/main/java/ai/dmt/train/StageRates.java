package ai.dmt.train;

import java.util.ArrayList;
import java.util.List;

/**
 * Learning rate of each step of each stage. A course begins at a stage that restarts it and spans
 * the stages after it that continue it. It is as long as planned: a stage that decisions make
 * shorter goes through its part of the course in fewer steps.
 */
public final class StageRates {
  private final List<StageBatches> stages;
  private final List<LearningRateSchedule> courses = new ArrayList<>();
  private final List<Long> offsets = new ArrayList<>();

  /**
   * Lays out the courses.
   *
   * @param batches of the schedule; their numbers of steps give the lengths of the courses
   * @param standard course of stages that have none of their own
   */
  public StageRates(ScheduleBatches batches, LearningRateConfig standard) {
    this.stages = batches.stages();
    for (int stage = 0; stage < stages.size(); stage++) {
      Stage each = stages.get(stage).stage();
      if (stage > 0 && each.continuesLearningRate()) {
        courses.add(courses.get(stage - 1));
        offsets.add(offsets.get(stage - 1) + stages.get(stage - 1).plannedSteps());
      } else {
        LearningRateConfig config = each.settings().learningRate().orElse(standard);
        courses.add(config.schedule(courseSteps(stages, stage)));
        offsets.add(0L);
      }
    }
  }

  /**
   * {@return the rate of a step, at least 0}
   *
   * @param stage 0 for the first
   * @param step 0 for the first of the stage
   */
  public double at(int stage, long step) {
    return courses.get(stage).at(offsets.get(stage) + stages.get(stage).plannedStep(step));
  }

  private static long courseSteps(List<StageBatches> stages, int first) {
    long steps = stages.get(first).plannedSteps();
    for (int stage = first + 1; stage < stages.size(); stage++) {
      if (!stages.get(stage).stage().continuesLearningRate()) {
        break;
      }
      steps += stages.get(stage).plannedSteps();
    }
    return steps;
  }
}
