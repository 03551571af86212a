package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.StepMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTrainerTest {
  private static final ModelConfig MODEL = ModelConfig.llama(20, 8, 8, 1, 2, 2, 32);
  private static final EngineConfig ENGINE =
      EngineConfig.defaults().withSources(List.of("math", "code"));
  private static final List<Source> SOURCES =
      List.of(Counting.source("math", 9), Counting.source("code", 6));
  private static final StageSettings TWICE = StageSettings.paper().withEpochs(2);

  private static final ScheduleTraining SETTINGS =
      new ScheduleTraining(
          new BatchConfig(4, 16, 8),
          Packing.BEST_FIT,
          1,
          LearningRateConfig.constant(1e-2),
          0,
          Duration.ZERO);

  private static Schedule schedule(StageSettings second) {
    return Schedule.of(
        42,
        new Stage("math", Mixture.of(List.of(Portion.fraction("math", 1))), TWICE),
        new Stage("code", Mixture.of(List.of(Portion.fraction("code", 1))), second));
  }

  private static final class Recorder implements TrainingListener {
    private final List<StepMetrics> steps = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private ScheduleTrainer cancelled;
    private long cancelAfter;

    @Override
    public void onStart(Progress progress) {
      events.add("start of " + progress.totalSteps());
    }

    @Override
    public void onStageStart(Progress progress) {
      events.add("stage " + progress.stage().name() + " at " + progress.step());
    }

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      steps.add(metrics);
      if (progress.step() == cancelAfter) {
        cancelled.cancel();
      }
    }

    @Override
    public void onEvaluation(Progress progress, Evaluation evaluation) {
      events.add("evaluation " + progress.step());
    }

    @Override
    public void onStageEnd(Progress progress) {
      events.add("end of stage " + progress.stage().name() + ", " + progress.stage().epoch());
    }

    @Override
    public void onEnd(Progress progress) {
      events.add("end " + progress.step());
    }
  }

  private static Progress run(
      FakeEngine engine, Recorder recorder, Progress from, long cancelAfter) {
    ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
    recorder.cancelled = trainer;
    recorder.cancelAfter = cancelAfter;
    trainer.addListener(recorder);
    return trainer.train(schedule(TWICE), SOURCES, List.of(SOURCES.get(0)), from);
  }

  @Test
  void stagesFollowOneAnotherInOneRun() {
    Recorder recorder = new Recorder();
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Progress end = run(engine, recorder, Progress.start(0), -1);
      assertTrue(end.finished());
      assertEquals("code", end.stage().name());
    }
    assertEquals(
        List.of(
            "start of 10",
            "stage math at 0",
            "evaluation 6",
            "end of stage math, 2.0",
            "stage code at 6",
            "evaluation 10",
            "end of stage code, 2.0",
            "end 10"),
        recorder.events);
    assertEquals(0, recorder.steps.get(5).sources().get(1).labelTokens(), "no code in stage one");
    assertEquals(0, recorder.steps.get(6).sources().get(0).labelTokens(), "no math in stage two");
  }

  @Test
  void optimizerStartsAnewOrIsCarriedOver() {
    for (StageSettings.OptimizerState state : StageSettings.OptimizerState.values()) {
      Recorder recorder = new Recorder();
      try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
        ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
        trainer.addListener(recorder);
        trainer.train(schedule(TWICE.withOptimizerState(state)), SOURCES, List.of());
      }
      boolean reset = state == StageSettings.OptimizerState.RESET;
      assertEquals(reset ? 1 : 7, recorder.steps.get(6).step(), "the engine's own count of steps");
    }
  }

  @Test
  void runThatStoppedAtAnyStepGoesOnAsIfItHadNot() {
    Recorder unbroken = new Recorder();
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      run(engine, unbroken, Progress.start(0), -1);
    }
    for (long stop = 1; stop < 10; stop++) {
      Recorder parts = new Recorder();
      try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
        Progress stopped = run(engine, parts, Progress.start(0), stop);
        assertFalse(stopped.finished());
        assertEquals(stop, stopped.step());
        Progress end = run(engine, parts, stopped, -1);
        assertTrue(end.finished());
        assertEquals(unbroken.steps, parts.steps, "stopped after step " + stop);
      }
    }
  }

  @Test
  void finishedRunHasNothingLeftToDo() {
    Recorder recorder = new Recorder();
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Progress end = run(engine, recorder, Progress.start(0), -1);
      assertEquals(end, run(engine, recorder, end, -1));
      assertEquals(10, recorder.steps.size());
    }
  }
}
