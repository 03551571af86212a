package ai.dmt.strategies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.Corpus;
import ai.dmt.train.Packing;
import ai.dmt.train.SampleRef;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.StageBatches;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrategiesTest {
  private static final Corpus PAPER =
      new Corpus(
          List.of(
              Corpus.Entry.of("code", Corpus.Role.SPECIALIZED, 20_022),
              Corpus.Entry.of("math", Corpus.Role.SPECIALIZED, 110_142),
              Corpus.Entry.of("general", Corpus.Role.GENERAL, 86_060)));

  private static ScheduleBatches batches(MixingStrategy strategy) {
    return new ScheduleBatches(strategy.plan(PAPER), PAPER.tables(), 128);
  }

  private static List<Long> steps(MixingStrategy strategy) {
    return batches(strategy).stages().stream().map(StageBatches::steps).toList();
  }

  @Test
  void stepsAreThePapers() {
    assertEquals(List.of(2583L), steps(new Individual("math")));
    assertEquals(List.of(471L), steps(new Individual("code")));
    assertEquals(List.of(2019L), steps(new Individual("general")));
    assertEquals(List.of(5070L), steps(new MultiTask()));
    assertEquals(List.of(471L, 2583L, 2019L), steps(new Sequential(List.of())));
    assertEquals(List.of(3051L, 2019L), steps(new MixedSequential()));
    assertEquals(List.of(3051L, 2031L), steps(new DualStageMixed(1 / 256.0)));
  }

  @ParameterizedTest(name = "k={0} replays {1} math and {2} code samples")
  @CsvSource({
    "0, 0, 0",
    "0.00390625, 430, 78",
    "0.015625, 1720, 312",
    "0.0625, 6883, 1251",
    "0.25, 27535, 5005",
    "1, 110142, 20022"
  })
  void stageTwoReplaysShareKOfEachSpecializedSource(double k, long math, long code) {
    List<SampleRef> second = batches(new DualStageMixed(k)).stages().get(1).epoch();
    assertEquals(code, second.stream().filter(ref -> ref.source() == 0).count());
    assertEquals(math, second.stream().filter(ref -> ref.source() == 1).count());
    assertEquals(86_060, second.stream().filter(ref -> ref.source() == 2).count());
  }

  @Test
  void replayOfThePapersChoiceHas508Rows() {
    assertEquals(
        86_060 + 508, batches(new DualStageMixed(1 / 256.0)).stages().get(1).samplesPerEpoch());
  }

  @Test
  void kOfZeroEqualsMixedSequentialSampleForSample() {
    ScheduleBatches dmt = batches(new DualStageMixed(0));
    ScheduleBatches mixed = batches(new MixedSequential());
    assertEquals(mixed.schedule(), dmt.schedule());
    for (int stage = 0; stage < 2; stage++) {
      for (long step = 0; step < mixed.stages().get(stage).steps(); step++) {
        assertEquals(mixed.samplesOf(stage, step), dmt.samplesOf(stage, step));
      }
    }
  }

  @Test
  void kOfOneReplaysEverything() {
    ScheduleBatches batches = batches(new DualStageMixed(1));
    Set<SampleRef> second = new HashSet<>(batches.stages().get(1).epoch());
    assertTrue(second.containsAll(batches.stages().get(0).epoch()));
    assertEquals(216_224, second.size());
  }

  @RepeatedTest(10)
  void smallerReplayIsContainedInLargerForAnySeed() {
    long seed = new Random().nextLong();
    Set<SampleRef> before = Set.of();
    PlanSettings settings = new PlanSettings(PlanSettings.paper().stage(), seed, seed);
    for (double k : new double[] {0, 1 / 256.0, 1 / 64.0, 1 / 16.0, 1 / 4.0}) {
      Schedule schedule = new DualStageMixed(k).plan(PAPER, settings);
      Set<SampleRef> replay =
          new HashSet<>(new ScheduleBatches(schedule, PAPER.tables(), 128).stages().get(1).epoch());
      assertTrue(replay.containsAll(before), "seed " + seed + ", k " + k);
      before = replay;
    }
  }

  @Test
  void firstStageIsSharedByMixedSequentialAndDmtForEveryK() {
    Schedule mixed = new MixedSequential().plan(PAPER);
    for (double k : new double[] {0, 1 / 256.0, 1}) {
      Schedule dmt = new DualStageMixed(k).plan(PAPER);
      assertEquals(mixed.key(0), dmt.key(0));
      assertEquals(k == 0, mixed.key(1).equals(dmt.key(1)));
    }
    assertNotEquals(mixed.key(0), new MultiTask().plan(PAPER).key(0));
  }

  private static Recipe recipe(String... overrides) {
    return Presets.recipe("7b-multi-task", List.of(overrides));
  }

  private static void assertRefused(String message, Runnable bad) {
    ConfigException e = assertThrows(ConfigException.class, bad::run);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.0001, Double.NaN, Double.POSITIVE_INFINITY})
  void kOutsideZeroToOneIsRefused(double k) {
    assertRefused("k must be in [0, 1], got " + k, () -> new DualStageMixed(k));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: dtm, k: 1} | strategy.name: \"dtm\" is not known",
        "{name: dmt} | strategy dmt needs k, such as k: 1/256",
        "{name: individual} | strategy individual needs source",
        "{name: individual, source: maths} | there is no source \"maths\"; did you mean math?",
        "{name: multi-task, k: 1} | strategy multi-task does not read strategy.k; leave it out",
        "{name: sequential, order: [math, code]} | must name all sources [code, math, general]",
        "{name: sequential, order: [math, math]} | order must name each source once",
        "{name: custom} | strategy custom needs stages",
        "{name: custom, stages: [{name: a, sources: {mat: 1}}]} | there is no source \"mat\"",
        "{name: custom, stages: [{name: a, sources: {math: 2}}]} | fraction 2.0 is above 1",
      })
  void badStrategiesAreRefusedWithTheReason(String strategy, String message) {
    assertRefused(message, () -> SchedulePlan.of(recipe("strategy=" + strategy)));
  }

  @Test
  void dmtNeedsBothKindsOfSource() {
    assertRefused(
        "strategy dmt needs a general source; the corpus has [code, math, general] without",
        () ->
            SchedulePlan.of(
                recipe("strategy={name: dmt, k: 1}", "sources.general.role=specialized")));
  }

  @Test
  void customStagesMayRepeatAndWeigh() {
    SchedulePlan plan =
        SchedulePlan.of(
            recipe(
                "strategy={name: custom, stages: ["
                    + "{name: warm, sources: {math: {count: 1000}}, num_train_epochs: 1},"
                    + "{name: even, sources: {math: {weight: 1}, general: {weight: 1}},"
                    + " lr_policy: continue, optimizer_state: carry},"
                    + "{name: more, sources: {code: 2.5}, replacement: true}]}"));
    assertEquals(
        List.of(8L, 4035L, 1176L),
        plan.stages().stream().map(SchedulePlan.PlannedStage::steps).toList());
    assertEquals(2 * 86_060, plan.stages().get(1).totalSamples());
    assertEquals("carry", plan.stages().get(1).optimizerState());
    assertEquals(50_055, plan.stages().get(2).totalSamples());
  }

  @Test
  void strategyOnTheClassPathIsFoundByItsName() {
    assertTrue(Strategies.names().contains("general-first"));
    SchedulePlan plan =
        SchedulePlan.of(recipe("strategy={name: general-first, options: {stage: chat}}"));
    assertEquals(
        List.of("chat", "specialized"),
        plan.stages().stream().map(SchedulePlan.PlannedStage::name).toList());
  }

  @Test
  void everyPresetCanBePlannedWithoutDataAndSaysWhatIsNotStated() {
    assertEquals(5 * (3 + 3 + 6 + 15 + 5) + 4 * 5 + 5, Presets.names().size());
    for (String name : Presets.names()) {
      Recipe preset = Presets.recipe(name, List.of());
      assertEquals(name, preset.name());
      assertTrue(name.startsWith("small-real-") || preset.notStated().size() >= 5, name);
      assertTrue(SchedulePlan.of(preset).totalSteps() > 0, name);
      assertEquals(preset, RecipeReader.parse(Presets.yaml(name), name, List.of()));
    }
  }

  @ParameterizedTest(name = "{0}: micro-batches of {1}")
  @CsvSource({"7b-math, 4", "13b-dmt-1_256, 1", "33b-rq2-1_4, 2", "1b-math, 4", "65b-dmt-0, 2"})
  void presetsMinimiseThePapersObjective(String preset, int microBatch) {
    TrainingRecipe training = Presets.recipe(preset, List.of()).training();
    assertEquals(Packing.PAPER, training.packing());
    assertEquals(microBatch, training.perDeviceTrainBatchSize());
  }

  @ParameterizedTest(name = "{0}: {1} rows, {2} steps")
  @CsvSource({
    "13b-rq1-code-1_256, 78, 3",
    "33b-rq1-math-1_64, 1720, 42",
    "7b-rq2-1_256, 844, 21",
    "7b-rq3a-1_256, 86568, 2031",
    "7b-rq3b-1_64, 131508, 3084",
    "7b-rq3c-1, 131508, 3084",
    "7b-filtered-1, 193164, 4530"
  })
  void gridsHaveTheirRowsAndSteps(String preset, long rows, long steps) {
    SchedulePlan plan = SchedulePlan.of(Presets.recipe(preset, List.of()));
    assertEquals(rows, plan.stages().get(0).totalSamples());
    assertEquals(steps, plan.totalSteps());
  }

  @Test
  void presetThatDoesNotExistIsAnsweredWithTheNearest() {
    assertRefused(
        "there is no preset \"7b-dmt-1_25\"; did you mean 7b-dmt-1_256?",
        () -> Presets.recipe("7b-dmt-1_25", List.of()));
  }
}
