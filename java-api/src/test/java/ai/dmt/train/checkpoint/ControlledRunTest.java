package ai.dmt.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineState;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.StateMemory;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Mixture;
import ai.dmt.train.MixtureControl;
import ai.dmt.train.MixtureController;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Packing;
import ai.dmt.train.Portion;
import ai.dmt.train.Progress;
import ai.dmt.train.ReplaySelection;
import ai.dmt.train.ReplayedSamples;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleTrainer;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.Stage;
import ai.dmt.train.StageSettings;
import ai.dmt.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs whose mixtures change. Of math the held-out samples share one pair of tokens with what is
 * trained on and contradict another, so that their loss falls first and rises then.
 */
class ControlledRunTest {
  private static final ModelConfig MODEL = ModelConfig.llama(20, 8, 8, 1, 2, 2, 32);
  private static final EngineConfig ENGINE =
      EngineConfig.defaults().withSources(List.of("math", "code", "chat"));
  private static final List<Source> SOURCES =
      List.of(source("math", 8, 2, 3, 4), source("code", 40, 5, 6, 7), source("chat", 40, 3, 9, 2));
  private static final List<Source> HELD_OUT =
      List.of(source("math", 2, 2, 3, 8), source("code", 2, 5, 6, 7), source("chat", 2, 3, 9, 2));
  private static final ScheduleTraining SETTINGS =
      new ScheduleTraining(
          new BatchConfig(4, 16, 8),
          Packing.BEST_FIT,
          1,
          new LearningRateConfig(LearningRateConfig.Kind.LINEAR, 1e-2, 0, 0, 0),
          4,
          Duration.ZERO);
  private static final RunIdentity RUN = new RunIdentity(Map.of("rate", "0.01"));
  private static final MixtureControl STOP =
      new MixtureControl(
          MixtureControl.Stop.PER_SOURCE,
          2,
          MixtureControl.Replay.FIXED,
          0.01,
          0.5,
          0,
          ReplaySelection.RANDOM);
  private static final MixtureControl ADAPT =
      new MixtureControl(
          MixtureControl.Stop.NONE,
          2,
          MixtureControl.Replay.ADAPTIVE,
          0.01,
          0.5,
          0.01,
          ReplaySelection.RANDOM);

  @TempDir private Path output;

  private static Source source(String name, int samples, int... tokens) {
    List<EncodedSample> encoded = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      int[] own = tokens.clone();
      own[2] += i % 16 == 11 ? i / 8 : 0; // some are unlike the others
      encoded.add(
          new EncodedSample(name + i, Origin.UNKNOWN, own, new boolean[] {false, true, true}));
    }
    return new Source(name, encoded);
  }

  private static Portion all(String source) {
    return Portion.fraction(source, 1);
  }

  private static Schedule schedule() {
    return Schedule.of(
        42,
        new Stage(
            "one",
            Mixture.of(List.of(all("math"), all("code"))),
            StageSettings.paper().withEpochs(4)),
        new Stage(
            "two",
            Mixture.of(List.of(all("chat"), Portion.fraction("code", 0.1))),
            StageSettings.paper().withEpochs(2)));
  }

  /** What a run has gone through, as metrics.jsonl keeps it. */
  private static final class Trace implements TrainingListener {
    private final TreeMap<Long, StepMetrics> steps = new TreeMap<>();
    private final List<MixtureDecision> decisions = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();
    private int calls;
    private int killAt = -1;
    private int cancelAt = -1;
    private boolean cancelAtStageEnd;
    private ScheduleTrainer trainer;

    @Override
    public void onStart(Progress progress) {
      steps.tailMap(progress.step(), false).clear();
    }

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      calls++;
      assertTrue(steps.isEmpty() || steps.lastKey() == progress.step() - 1, "no step is left out");
      steps.put(progress.step(), metrics);
      if (calls == killAt) {
        throw new IllegalStateException("killed");
      }
      if (calls == cancelAt) {
        trainer.cancel();
      }
    }

    @Override
    public void onDecision(Progress progress, List<MixtureDecision> made) {
      steps.tailMap(progress.step(), false).clear();
      decisions.addAll(made);
    }

    @Override
    public void onStageEnd(Progress progress) {
      ends.add(progress.stage().name() + " " + progress.stage().steps());
      if (cancelAtStageEnd) {
        trainer.cancel();
      }
    }
  }

  private record Run(
      Progress end,
      byte[] model,
      List<MixtureDecision> decisions,
      List<ReplayedSamples> replayed) {}

  private static MixtureControl select(ReplaySelection by) {
    return new MixtureControl(
        MixtureControl.Stop.NONE, 2, MixtureControl.Replay.FIXED, 0.01, 0.5, 0, by);
  }

  /** A process: goes on from the newest checkpoint. */
  private Run process(MixtureControl control, Path folder, Trace trace, boolean async)
      throws IOException {
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      MixtureController controller = new MixtureController(control, schedule());
      Resumption resumption = new Resumption(engine, RUN, line -> {});
      resumption.controlWith(controller);
      CheckpointFolder checkpoints = CheckpointFolder.of(folder);
      Progress from = resumption.fromNewest(checkpoints).orElse(Progress.start(0));
      ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
      trace.trainer = trainer;
      trainer.addListener(trace);
      CheckpointWriter writer =
          new CheckpointWriter(
              engine,
              checkpoints,
              new CheckpointConfig(2, 1, async),
              new CheckpointWriter.RunFacts(RUN, Map.of(), saving -> {}),
              from);
      writer.controlWith(controller);
      trainer.keepWith(writer);
      trainer.controlWith(controller);
      Progress end = trainer.train(schedule(), SOURCES, HELD_OUT, from);
      try (EngineState state = engine.state(StateMemory.SHARED)) {
        byte[] model = Files.readAllBytes(output.resolve(state.write(output)));
        return new Run(end, model, controller.state().decisions(), controller.state().replayed());
      }
    }
  }

  @Test
  void aSourceThatOverfitsLeavesWhereItWasBest() throws IOException {
    Trace trace = new Trace();
    Run run = process(STOP, output.resolve("run"), trace, true);
    assertEquals(run.decisions(), trace.decisions);
    assertEquals(1, run.decisions().size(), run.decisions().toString());
    MixtureDecision left = run.decisions().get(0);
    assertEquals("math", left.source());
    assertTrue(left.drops());
    assertEquals(left.step() + 8, left.decidedStep(), "two evaluations later");
    long math = 0;
    for (Map.Entry<Long, StepMetrics> step : trace.steps.entrySet()) {
      if (step.getKey() > left.step()) {
        math += step.getValue().sources().get(0).labelTokens();
      }
    }
    assertEquals(0, math, "no math after it has left");
    assertTrue(run.end().finished());
    assertEquals(run.end().step(), run.end().totalSteps());
    assertEquals(trace.steps.lastKey(), run.end().step());
    assertTrue(run.end().step() < 48 + 22, "the stage gets shorter");
    assertEquals(run.end().step() + 8, trace.calls, "eight steps were made in vain");
  }

  @Test
  @Tag("jackson") // a checkpoint keeps decisions
  void sharesFollowTheLossInAsManySteps() throws IOException {
    Trace trace = new Trace();
    Run run = process(ADAPT, output.resolve("run"), trace, true);
    assertEquals(48 + 22, run.end().step());
    assertEquals(List.of("one 48", "two 22"), trace.ends);
    assertTrue(run.decisions().size() > 1, run.decisions().toString());
    for (MixtureDecision decision : run.decisions()) {
      assertEquals("code", decision.source());
      assertEquals(decision.decidedStep(), decision.step());
      assertTrue(decision.share() >= 0.01 && decision.share() <= 0.5);
    }
  }

  @Test
  void aRunThatIsKilledOrStoppedAnywhereGoesOnAsIfItHadNot() throws IOException {
    for (MixtureControl control :
        List.of(
            STOP,
            ADAPT,
            select(ReplaySelection.LOSS),
            select(ReplaySelection.SIMILARITY),
            select(ReplaySelection.GRADIENT))) {
      Trace whole = new Trace();
      Run unbroken = process(control, output.resolve("whole"), whole, true);
      boolean kill = false;
      for (int call = 1; call <= whole.calls; call += 11) { // every place of an interval
        kill = !kill;
        Path folder = output.resolve("broken");
        Trace trace = new Trace();
        trace.killAt = kill ? call : -1;
        trace.cancelAt = kill ? -1 : call;
        Run run;
        if (kill) {
          assertThrows(IllegalStateException.class, () -> process(control, folder, trace, false));
          run = process(control, folder, trace, call % 4 == 1);
        } else {
          run = process(control, folder, trace, call % 4 == 0);
          trace.cancelAt = -1;
          run = run.end().finished() ? run : process(control, folder, trace, false);
        }
        String where = (kill ? "killed" : "stopped") + " after " + call + " steps";
        assertEquals(unbroken.decisions(), run.decisions(), where);
        assertEquals(unbroken.replayed(), run.replayed(), where);
        assertEquals(whole.steps, trace.steps, where);
        assertEquals(unbroken.end().tokens(), run.end().tokens(), where);
        assertArrayEquals(unbroken.model(), run.model(), where);
        Disk.delete(folder);
      }
      Disk.delete(output.resolve("whole"));
    }
  }

  @Test
  void whatTheModelDoesWorstIsReplayed() throws IOException {
    Run run = process(select(ReplaySelection.LOSS), output.resolve("run"), new Trace(), true);
    assertEquals(1, run.replayed().size());
    ReplayedSamples code = run.replayed().get(0);
    assertEquals("two code LOSS", code.stage() + " " + code.source() + " " + code.by());
    assertEquals(Set.of(11, 27), Set.copyOf(code.samples().subList(0, 2)));
    assertEquals(4, code.samples().size(), "a tenth of 40");
    assertEquals(48 + 22, run.end().step(), "as many steps");
  }

  @Test
  @Tag("jackson") // and what is replayed
  void aRunThatIsStoppedWhileItChoosesGoesOnAsIfItHadNot() throws IOException {
    MixtureControl control = select(ReplaySelection.LOSS);
    Trace whole = new Trace();
    Run unbroken = process(control, output.resolve("whole"), whole, true);
    Trace trace = new Trace();
    trace.cancelAtStageEnd = true;
    Run run = process(control, output.resolve("broken"), trace, true);
    assertEquals(48, run.end().step());
    assertEquals(List.of(), run.replayed());
    trace.cancelAtStageEnd = false;
    run = process(control, output.resolve("broken"), trace, true);
    assertEquals(unbroken.replayed(), run.replayed());
    assertEquals(whole.steps, trace.steps);
    assertArrayEquals(unbroken.model(), run.model());
  }

  @Test
  void aRunWithoutCheckpointsCannotGoBack() {
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      ScheduleTrainer trainer = new ScheduleTrainer(engine, SETTINGS);
      trainer.controlWith(new MixtureController(STOP, schedule()));
      String message =
          assertThrows(
                  IllegalStateException.class, () -> trainer.train(schedule(), SOURCES, HELD_OUT))
              .getMessage();
      assertTrue(message.contains("nobody keeps its states"), message);
    }
  }
}
