package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DecidedStepsTest {
  private static final List<SampleTable> TABLES =
      List.of(
          SampleTable.counted("math", 20),
          SampleTable.counted("code", 13),
          SampleTable.counted("chat", 31));
  private static final Stage MIXED =
      new Stage(
          "mixed",
          Mixture.of(
              List.of(
                  Portion.fraction("math", 1),
                  Portion.fraction("code", 1),
                  Portion.fraction("chat", 1))),
          StageSettings.paper());
  private static final Schedule DMT =
      Schedule.of(
          42,
          Counting.stage("one", Portion.fraction("math", 1), Portion.fraction("code", 1)),
          Counting.stage(
              "two",
              Portion.fraction("math", 0.25),
              Portion.fraction("code", 0.25),
              Portion.fraction("chat", 1)));

  private static StageBatches mixed(MixtureDecision... decisions) {
    return new ScheduleBatches(Schedule.of(42, MIXED), TABLES, 4)
        .decided(List.of(decisions))
        .stages()
        .get(0);
  }

  private static MixtureDecision drop(String source, long step) {
    return new MixtureDecision("mixed", source, 0, step, step, step + 20);
  }

  private static List<SampleRef> samples(StageBatches stage, long from) {
    return LongStream.range(from, stage.steps())
        .mapToObj(stage::samplesOf)
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void withoutDecisionsNothingChanges() {
    ScheduleBatches batches = new ScheduleBatches(DMT, TABLES, 4);
    assertSame(batches, batches.decided(List.of()));
  }

  @Test
  void theOthersKeepTheirOrderWhereASourceLeaves() {
    StageBatches plan = mixed();
    assertEquals(48, plan.steps());
    StageBatches stage = mixed(drop("math", 7));
    assertEquals(samples(plan, 0).subList(0, 28), samples(stage, 0).subList(0, 28));
    List<SampleRef> expected = samples(plan, 7).stream().filter(ref -> ref.source() != 0).toList();
    assertEquals(expected, samples(stage, 7));
    assertTrue(stage.steps() < plan.steps());
    assertEquals(48, stage.plannedSteps());
    assertEquals(48, stage.plannedStep(stage.steps()), "the end is the planned end");
    assertEquals(3, stage.epochsAfter(stage.steps()));
    for (long step = 1; step < stage.steps(); step++) {
      assertTrue(stage.plannedStep(step) > stage.plannedStep(step - 1), "step " + step);
      assertTrue(!stage.samplesOf(step).isEmpty() && stage.samplesOf(step).size() <= 4);
    }
  }

  @Test
  void aStageEndsWithItsLastSource() {
    assertEquals(
        9, mixed(drop("math", 9), drop("code", 9), drop("chat", 9)).steps(), "all leave at once");
    StageBatches stage = mixed(drop("math", 5), drop("chat", 12), drop("code", 8));
    assertEquals(12, stage.steps());
    assertTrue(samples(stage, 5).stream().noneMatch(ref -> ref.source() == 0));
    assertTrue(samples(stage, 8).stream().allMatch(ref -> ref.source() == 2));
    assertEquals(samples(mixed(), 0).subList(0, 20), samples(stage, 0).subList(0, 20));
  }

  @Test
  void maxStepsEndTheStageWhereTheyWouldHave() {
    Stage cut = new Stage("mixed", MIXED.mixture(), StageSettings.paper().withMaxSteps(20));
    ScheduleBatches plan = new ScheduleBatches(Schedule.of(42, cut), TABLES, 4);
    StageBatches stage = plan.decided(List.of(drop("chat", 3))).stages().get(0);
    List<SampleRef> expected =
        samples(plan.stages().get(0), 3).stream().filter(ref -> ref.source() != 2).toList();
    assertEquals(expected, samples(stage, 3));
  }

  @Test
  void ratesGoThroughTheWholeCourseInFewerSteps() {
    LearningRateConfig linear = new LearningRateConfig(LearningRateConfig.Kind.LINEAR, 1, 0, 0, 0);
    ScheduleBatches plan = new ScheduleBatches(Schedule.of(42, MIXED), TABLES, 4);
    ScheduleBatches decided = plan.decided(List.of(drop("math", 7)));
    StageRates planned = new StageRates(plan, linear);
    StageRates rates = new StageRates(decided, linear);
    StageBatches stage = decided.stages().get(0);
    for (long step = 0; step < stage.steps(); step++) {
      assertEquals(planned.at(0, stage.plannedStep(step)), rates.at(0, step));
    }
    assertEquals(planned.at(0, 6), rates.at(0, 6));
    assertTrue(rates.at(0, stage.steps() - 1) < 2.0 / 48);
  }

  private static StageBatches second(MixtureDecision... decisions) {
    return new ScheduleBatches(DMT, TABLES, 4).decided(List.of(decisions)).stages().get(1);
  }

  private static MixtureDecision share(String source, double share, long step) {
    return new MixtureDecision("two", source, share, step, 27 + step, 27 + step);
  }

  @Test
  void anotherShareTakesPlacesOfTheOthers() {
    StageBatches plan = second();
    StageBatches stage = second(share("math", 1, 4), share("math", 0.5, 20));
    assertEquals(plan.steps(), stage.steps());
    for (long step = 0; step < plan.steps(); step++) {
      assertEquals(plan.samplesOf(step).size(), stage.samplesOf(step).size(), "step " + step);
      assertEquals(step, stage.plannedStep(step));
      if (step < 4) {
        assertEquals(plan.samplesOf(step), stage.samplesOf(step));
      }
    }
    double[] places = {20, 3.25, 31}; // of 54.25 that math, code and chat have
    long[] counts = new long[3];
    long all = 0;
    for (long step = 4; step < 20; step++) {
      for (SampleRef ref : stage.samplesOf(step)) {
        counts[ref.source()]++;
        all++;
      }
    }
    for (int source = 0; source < 3; source++) {
      assertEquals(all * places[source] / 54.25, counts[source], 1, "source " + source);
    }
  }

  @Test
  void replayedRowsAreThePrefixOfTheRankingInTurn() {
    StageBatches stage = second(share("math", 0.5, 4));
    int[] ranking = SubsetRanking.rank(TABLES.get(0), 42);
    Set<Integer> prefix = new HashSet<>();
    IntStream.range(0, 10).forEach(place -> prefix.add(ranking[place]));
    List<Integer> math = new ArrayList<>();
    for (SampleRef ref : samples(stage, 4)) {
      if (ref.source() == 0) {
        math.add(ref.sample());
      }
    }
    assertTrue(math.size() >= 10);
    assertEquals(prefix, new HashSet<>(math.subList(0, 10)), "each once before any comes again");
    assertEquals(prefix, new HashSet<>(math));
  }

  @Test
  void ownSamplesComeOnceBeforeTheyComeAgain() {
    StageBatches stage = second(share("math", 0.05, 4), share("code", 0.05, 4));
    Map<Integer, Long> counts = new TreeMap<>();
    for (SampleRef ref : samples(stage, 0)) {
      if (ref.source() == 2) {
        counts.merge(ref.sample(), 1L, Long::sum);
      }
    }
    assertEquals(31, counts.size());
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    long least = counts.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    assertTrue(most - least <= 1, counts.toString());
  }

  @Test
  void aLaterDecisionChangesNoEarlierStep() {
    StageBatches one = second(share("math", 0.5, 4));
    StageBatches two = second(share("math", 0.5, 4), share("code", 1, 9));
    for (long step = 0; step < 9; step++) {
      assertEquals(one.samplesOf(step), two.samplesOf(step));
    }
  }

  @Test
  void theLedgerCountsWhatTheStepsHold() {
    ScheduleBatches decided =
        new ScheduleBatches(Schedule.of(42, MIXED), TABLES, 4).decided(List.of(drop("math", 7)));
    Ledger ledger = Ledger.of(decided, Map.of()).withDecisions(List.of(drop("math", 7)));
    long math =
        samples(mixed(), 0).subList(0, 28).stream().filter(ref -> ref.source() == 0).count();
    assertEquals(math, ledger.entries().get(0).realised().samples());
    assertEquals(39, ledger.entries().get(1).realised().samples());
    assertEquals(93, ledger.entries().get(2).realised().samples());
    ledger.entries().forEach(entry -> assertEquals(0, entry.repeats(), entry.source()));
    assertEquals("math", ledger.toJson().path("decisions").get(0).path("source").asText());
    assertTrue(!Ledger.of(decided, Map.of()).toJson().has("decisions"));
  }
}
