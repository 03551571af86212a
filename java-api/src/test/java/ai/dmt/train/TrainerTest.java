package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.StepMetrics;
import ai.dmt.engine.TrainingEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerTest {
  private static final ModelConfig MODEL = ModelConfig.llama(20, 8, 8, 1, 2, 2, 32);
  private static final EngineConfig ENGINE =
      EngineConfig.defaults().withSources(List.of("math", "code"));

  /** Four samples a step, at most 16 tokens at once, constant rate. */
  private static final TrainConfig CONFIG =
      TrainConfig.defaults()
          .withEpochs(2)
          .withBatch(new BatchConfig(4, 16, 8))
          .withLearningRate(LearningRateConfig.constant(1e-2));

  /** Samples that count up from a number; all but the first token carry loss. */
  private static Source counting(String name, int samples) {
    List<EncodedSample> all = new ArrayList<>();
    for (int s = 0; s < samples; s++) {
      int length = 3 + s % 5;
      int[] tokens = new int[length];
      boolean[] loss = new boolean[length];
      for (int t = 0; t < length; t++) {
        tokens[t] = (s + t) % 20;
        loss[t] = t > 0;
      }
      all.add(new EncodedSample(name + s, Origin.UNKNOWN, tokens, loss));
    }
    return new Source(name, all);
  }

  private static final Source MATH = counting("math", 7);
  private static final Source CODE = counting("code", 3);

  /** Keeps all that is told. */
  private static final class Recorder implements TrainingListener {
    private final List<StepMetrics> steps = new ArrayList<>();
    private final List<Progress> progress = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();

    @Override
    public void onStart(Progress start) {
      events.add("start");
    }

    @Override
    public void onStep(Progress now, StepMetrics metrics) {
      steps.add(metrics);
      progress.add(now);
      events.add("step " + now.step());
    }

    @Override
    public void onEvaluation(Progress now, Evaluation evaluation) {
      evaluations.add(evaluation);
      events.add("evaluation " + now.step());
    }

    @Override
    public void onEnd(Progress end) {
      events.add("end " + end.step());
    }
  }

  private static Recorder run(TrainConfig config, List<Source> heldOut) {
    Recorder recorder = new Recorder();
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Trainer trainer = new Trainer(engine, config);
      trainer.addListener(recorder);
      trainer.train(List.of(MATH, CODE), heldOut);
    }
    return recorder;
  }

  @Test
  void everyEpochGoesThroughAllSamplesAndItsLastStepMayBeSmaller() {
    Recorder recorder = run(CONFIG, List.of());
    assertEquals(6, recorder.steps.size()); // 10 samples: 4 + 4 + 2, twice
    long labels = MATH.labelTokens() + CODE.labelTokens();
    for (int epoch = 0; epoch < 2; epoch++) {
      List<StepMetrics> steps = recorder.steps.subList(3 * epoch, 3 * epoch + 3);
      assertEquals(labels, steps.stream().mapToLong(StepMetrics::labelTokens).sum());
      long math = steps.stream().mapToLong(step -> step.sources().get(0).labelTokens()).sum();
      assertEquals(MATH.labelTokens(), math);
    }
  }

  @Test
  void listenersSeeStartStepsAndEnd() {
    assertEquals(
        List.of("start", "step 1", "step 2", "step 3", "end 3"),
        run(CONFIG.withEpochs(1), List.of()).events);
  }

  @Test
  void progressCountsEpochsAndTokens() {
    Recorder recorder = run(CONFIG, List.of());
    Progress last = recorder.progress.get(5);
    assertEquals(6, last.totalSteps());
    assertEquals(2.0, last.epoch());
    assertEquals(1.0, recorder.progress.get(2).epoch());
    assertEquals(2 * (MATH.labelTokens() + CODE.labelTokens()), last.labelTokens());
    assertEquals(1e-2, last.learningRate());
    assertTrue(last.finished());
    assertFalse(recorder.progress.get(4).finished());
  }

  @Test
  void lossFalls() {
    Recorder recorder = run(CONFIG.withEpochs(20), List.of());
    double first = recorder.steps.get(0).loss();
    double last = recorder.steps.get(recorder.steps.size() - 1).loss();
    assertTrue(last < 0.5 * first, first + " -> " + last);
  }

  @Test
  void sameSeedGivesTheSameRunAndAnotherSeedAnother() {
    assertEquals(run(CONFIG, List.of()).steps, run(CONFIG, List.of()).steps);
    assertNotEquals(run(CONFIG, List.of()).steps, run(CONFIG.withSeed(43), List.of()).steps);
  }

  @Test
  void sizeOfMicroBatchesChangesNothing() {
    List<StepMetrics> small = run(CONFIG.withBatch(new BatchConfig(4, 8, 8)), List.of()).steps;
    List<StepMetrics> large = run(CONFIG.withBatch(new BatchConfig(4, 99, 8)), List.of()).steps;
    for (int step = 0; step < 6; step++) {
      assertEquals(large.get(step).loss(), small.get(step).loss(), 1e-6);
      assertEquals(large.get(step).labelTokens(), small.get(step).labelTokens());
    }
  }

  @Test
  void maxStepsEndsTheRunAndTheScheduleWithIt() {
    TrainConfig config =
        CONFIG
            .withMaxSteps(4)
            .withLearningRate(
                new LearningRateConfig(LearningRateConfig.Kind.LINEAR, 1e-2, 0, 0, 0));
    Recorder recorder = run(config, List.of());
    assertEquals(
        List.of(1e-2, 0.75e-2, 0.5e-2, 0.25e-2),
        recorder.progress.stream().map(Progress::learningRate).toList());
  }

  @ParameterizedTest(name = "every {0} steps: {1}")
  @CsvSource({"0, '6'", "2, '2 4 6'", "4, '4 6'", "7, '6'"})
  void heldOutLossIsMeasuredEverySoOftenAndAtTheEnd(long evalSteps, String at) {
    Recorder recorder = run(CONFIG.withEvalSteps(evalSteps), List.of(counting("code", 4)));
    List<String> events =
        recorder.events.stream().filter(event -> event.startsWith("evaluation")).toList();
    assertEquals(
        List.of(at.split(" ")), events.stream().map(event -> event.substring(11)).toList());
  }

  @Test
  void heldOutLossIsGivenBySource() {
    Source heldOut = counting("code", 4);
    List<Evaluation> evaluations =
        run(CONFIG.withEpochs(10).withEvalSteps(1), List.of(heldOut)).evaluations;
    assertEquals(0, evaluations.get(0).sources().get(0).labelTokens());
    assertEquals(heldOut.labelTokens(), evaluations.get(0).sources().get(1).labelTokens());
    assertTrue(evaluations.get(29).loss() < evaluations.get(0).loss());
  }

  @Test
  void cancellingFinishesTheStepAndMeasuresOnceMore() {
    Recorder recorder = new Recorder();
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Trainer trainer = new Trainer(engine, CONFIG);
      trainer.addListener(
          new TrainingListener() {
            @Override
            public void onStep(Progress now, StepMetrics metrics) {
              if (now.step() == 2) {
                trainer.cancel();
              }
            }
          });
      trainer.addListener(recorder);
      Progress end = trainer.train(List.of(MATH), List.of(CODE));
      assertEquals(2, end.step());
      assertFalse(end.finished());
    }
    assertEquals(List.of("start", "step 1", "step 2", "evaluation 2", "end 2"), recorder.events);
  }

  @Test
  void aRunOfLimitedTimeStopsAsIfItWereCancelled() {
    AtomicLong clock = new AtomicLong();
    Recorder recorder = new Recorder();
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      // A step reads the clock three times: 1.5 s. Two of them fit.
      TrainConfig config = CONFIG.withMaxTime(Duration.ofSeconds(4));
      Trainer trainer = new Trainer(engine, config, () -> clock.addAndGet(500_000_000));
      trainer.addListener(recorder);
      Progress end = trainer.train(List.of(MATH), List.of(CODE));
      assertEquals(2, end.step());
      assertFalse(end.finished());
    }
    assertEquals(List.of("start", "step 1", "step 2", "evaluation 2", "end 2"), recorder.events);
  }

  @Test
  void timesAreThoseOfTheSteps() {
    AtomicLong clock = new AtomicLong();
    Recorder recorder = new Recorder();
    Progress end;
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      // Every reading is half a second after the one before.
      Trainer trainer = new Trainer(engine, CONFIG, () -> clock.addAndGet(500_000_000));
      trainer.addListener(recorder);
      end = trainer.train(List.of(MATH, CODE), List.of());
    }
    Progress second = recorder.progress.get(1);
    assertEquals(Duration.ofMillis(500), second.stepTime());
    assertEquals(Duration.ofSeconds(1), second.elapsed());
    assertEquals(Duration.ZERO, end.remaining());
    assertEquals(recorder.steps.get(1).tokens() * 2.0, second.tokensPerSecond(), 1e-9);
  }

  @Test
  void stepsOfThePapersStages() {
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Trainer trainer = new Trainer(engine, TrainConfig.defaults());
      assertEquals(2583, trainer.totalSteps(110_142));
      assertEquals(471, trainer.totalSteps(20_022));
      assertEquals(2019, trainer.totalSteps(86_060));
      assertEquals(5070, trainer.totalSteps(216_224));
    }
  }

  @Test
  void sourceThatTheEngineDoesNotKnowIsNamed() {
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Trainer trainer = new Trainer(engine, CONFIG);
      ConfigException e =
          assertThrows(
              ConfigException.class, () -> trainer.train(List.of(counting("chat", 3)), List.of()));
      assertEquals("source \"chat\" is none of the engine's sources [math, code]", e.getMessage());
    }
  }

  @Test
  void nothingToTrainOnIsAnError() {
    try (TrainingEngine engine = FakeEngine.create(MODEL, 1, ENGINE)) {
      Trainer trainer = new Trainer(engine, CONFIG);
      assertThrows(DataException.class, () -> trainer.train(List.of(), List.of()));
    }
  }
}
