package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  private static final Comparator<SampleRef> PLACE =
      Comparator.comparingInt(SampleRef::source).thenComparingInt(SampleRef::sample);

  @ParameterizedTest(name = "world size {0}")
  @ValueSource(ints = {1, 2, 3, 8})
  void worldSizeNeverChangesWhichSamplesFormAStep(int worldSize) {
    ScheduleBatches batches = batches();
    for (int stage = 0; stage < 2; stage++) {
      for (long step = 0; step < batches.stages().get(stage).steps(); step++) {
        List<SampleRef> together = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
          together.addAll(batches.shardFor(stage, step, rank, worldSize));
        }
        List<SampleRef> expected = new ArrayList<>(batches.samplesOf(stage, step));
        together.sort(PLACE);
        expected.sort(PLACE);
        assertEquals(expected, together, "stage " + stage + ", step " + step);
      }
    }
  }

  @ParameterizedTest(name = "micro-batches of {0}")
  @CsvSource({"1, BEST_FIT", "1, NONE", "4, BEST_FIT", "4, NONE"})
  void microBatchSizeNeverChangesWhichSamplesFormAStep(int size, Packing packing) {
    TrainingSamplesOf samples = new TrainingSamplesOf();
    ScheduleBatches batches = batches();
    for (long step = 0; step < batches.stages().get(0).steps(); step++) {
      List<SourcedSample> global = samples.of(batches.samplesOf(0, step));
      List<MicroBatch> cut = packing.cut(global, new Packing.Limits(7 * size, size));
      assertEquals(global.size(), cut.stream().mapToInt(MicroBatch::documents).sum());
      assertEquals(
          global.stream().mapToLong(each -> each.sample().labelTokens()).sum(),
          cut.stream().mapToLong(MicroBatch::labelTokens).sum());
      if (packing == Packing.NONE) {
        cut.forEach(batch -> assertTrue(batch.documents() <= size));
      }
    }
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
  void ranksOutsideTheWorldAreRefused() {
    assertThrows(ConfigException.class, () -> batches().shardFor(0, 0, 2, 2));
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

  @ParameterizedTest
  @EnumSource(Packing.class)
  void packingOfThePaperIsRefusedAndSaysWhatIsMissing(Packing packing) {
    if (packing != Packing.PAPER) {
      packing.check();
      return;
    }
    ConfigException e = assertThrows(ConfigException.class, packing::check);
    assertTrue(
        e.getMessage().contains("accumulate(batch, stepLabelTokens, lossWeight)"), e::getMessage);
  }

  /** Samples by place. */
  private static final class TrainingSamplesOf {
    List<SourcedSample> of(List<SampleRef> places) {
      return places.stream()
          .map(
              ref ->
                  new SourcedSample(
                      (ref.source() == 0 ? MATH : CODE).samples().get(ref.sample()), ref.source()))
          .toList();
    }
  }
}
