package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduleBatchesTest {
  private static final Source MATH = Counting.source("math", 43);
  private static final Source CODE = Counting.source("code", 17);
  private static final List<SampleTable> TABLES =
      List.of(SampleTable.of(MATH), SampleTable.of(CODE));
  private static final Schedule SCHEDULE =
      Schedule.of(
          42,
          Counting.stage("first", Portion.fraction("math", 1), Portion.fraction("code", 1)),
          Counting.stage("second", Portion.fraction("code", 1), Portion.fraction("math", 0.25)));

  private static ScheduleBatches batches() {
    return new ScheduleBatches(SCHEDULE, TABLES, 8);
  }

  @Test
  void anyStepCanBeAskedForWithoutTheOnesBefore() {
    ScheduleBatches inOrder = batches();
    List<List<SampleRef>> all = new ArrayList<>();
    for (long done = 0; done < inOrder.totalSteps(); done++) {
      Cursor cursor = inOrder.cursorAfter(done);
      all.add(inOrder.samplesOf(cursor.stage(), cursor.step()));
    }
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      int done = random.nextInt(all.size());
      ScheduleBatches resumed = batches();
      Cursor cursor = resumed.cursorAfter(done);
      assertEquals(all.get(done), resumed.samplesOf(cursor.stage(), cursor.step()), "seed " + seed);
    }
  }

  @Test
  void everyEpochHasEachSampleOnceInAnotherOrder() {
    StageBatches stage = batches().stages().get(0);
    List<List<SampleRef>> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      List<SampleRef> samples = new ArrayList<>();
      for (long step = 0; step < stage.stepsPerEpoch(); step++) {
        samples.addAll(stage.samplesOf(epoch * stage.stepsPerEpoch() + step));
      }
      assertEquals(60, new HashSet<>(samples).size());
      assertEquals(60, samples.size());
      epochs.add(samples);
    }
    assertNotEquals(epochs.get(0), epochs.get(1));
    assertNotEquals(epochs.get(1), epochs.get(2));
  }

  @Test
  void cursorGoesFromStageToStage() {
    ScheduleBatches batches = batches();
    long first = batches.stages().get(0).steps();
    assertEquals(24, first);
    assertEquals(Cursor.START, batches.cursorAfter(0));
    assertEquals(new Cursor(0, first - 1), batches.cursorAfter(first - 1));
    assertEquals(new Cursor(1, 0), batches.cursorAfter(first));
    assertEquals(new Cursor(2, 0), batches.cursorAfter(batches.totalSteps()));
    ConfigException e =
        assertThrows(ConfigException.class, () -> batches.cursorAfter(batches.totalSteps() + 1));
    assertEquals("the schedule has 36 steps, cannot go on after 37", e.getMessage());
  }

  @Test
  void stepsOutsideTheStageAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> batches().samplesOf(0, 24));
  }

  @Test
  void keysAreEqualWhereSchedulesAre() {
    Stage other = Counting.stage("other", Portion.fraction("code", 1));
    Schedule sameStart = Schedule.of(42, renamed(SCHEDULE.stages().get(0)), other);
    assertEquals(SCHEDULE.key(0), sameStart.key(0));
    assertNotEquals(SCHEDULE.key(1), sameStart.key(1));
    assertNotEquals(
        SCHEDULE.key(0), new Schedule(SCHEDULE.stages(), 43, 42).key(0), "another seed");
    Stage continued =
        new Stage(
            "more",
            other.mixture(),
            other.settings().withLearningRatePolicy(StageSettings.LearningRatePolicy.CONTINUE));
    assertNotEquals(
        SCHEDULE.key(0),
        Schedule.of(42, SCHEDULE.stages().get(0), continued).key(0),
        "the first stage's learning rate is another");
  }

  private static Stage renamed(Stage stage) {
    List<Portion> portions = new ArrayList<>(stage.mixture().portions());
    java.util.Collections.reverse(portions);
    return new Stage("renamed", Mixture.of(portions), stage.settings());
  }

  @Test
  void courseOfTheLearningRateSpansStagesThatContinueIt() {
    LearningRateConfig line = new LearningRateConfig(LearningRateConfig.Kind.LINEAR, 1, 0, 0, 0);
    Stage first = SCHEDULE.stages().get(0);
    Stage second = SCHEDULE.stages().get(1);
    StageRates apart = new StageRates(batches(), line);
    assertEquals(1, apart.at(1, 0));
    StageRates together =
        new StageRates(
            new ScheduleBatches(
                Schedule.of(
                    42,
                    first,
                    new Stage(
                        "second",
                        second.mixture(),
                        second
                            .settings()
                            .withLearningRatePolicy(StageSettings.LearningRatePolicy.CONTINUE))),
                TABLES,
                8),
            line);
    assertEquals(1 - 24 / 36.0, together.at(1, 0), 1e-12);
    assertEquals(1 / 36.0, together.at(1, 11), 1e-12);
  }
}
