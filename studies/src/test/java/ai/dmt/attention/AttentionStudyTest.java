package ai.dmt.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.attention.AttentionChanges.Head;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.AttentionHead;
import ai.dmt.engine.AttentionMeasures;
import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.PooledMean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Heads that were made up: of two layers of three, with and without what is to be found. */
class AttentionStudyTest {
  private static final List<String> SOURCES = List.of("math", "code", "general");
  private static final List<String> NAMES = List.of("base", "tuned");
  private static final int OF_A_SOURCE = 30;
  private static final int LAYERS = 2;
  private static final int HEADS = 3;

  /** What a head's entropy changes by on a sample of a source. */
  private interface Shift {
    double of(int layer, int head, int source);
  }

  private static int[] numbers() {
    int[] numbers = new int[SOURCES.size() * OF_A_SOURCE];
    for (int s = 0; s < numbers.length; s++) {
      numbers[s] = s / OF_A_SOURCE;
    }
    return numbers;
  }

  private static AttentionChanges changes(long seed, Shift shift) {
    HeadSamples[] pair = pair(new Random(seed), shift);
    return AttentionStudy.of(NAMES, SOURCES, pair[0], pair[1], seed);
  }

  /** What heads do before and after. */
  private static HeadSamples[] pair(Random random, Shift shift) {
    AttentionMeasures[][][] before = new AttentionMeasures[LAYERS][HEADS][numbers().length];
    AttentionMeasures[][][] after = new AttentionMeasures[LAYERS][HEADS][numbers().length];
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int head = 0; head < HEADS; head++) {
        for (int s = 0; s < numbers().length; s++) {
          double entropy = 1 + random.nextDouble();
          double moved = 0.1 * random.nextGaussian() + shift.of(layer, head, numbers()[s]);
          before[layer][head][s] = new AttentionMeasures(entropy, 3, 0.2, 0);
          after[layer][head][s] = new AttentionMeasures(entropy + moved, 4, 0.1, 0.25);
        }
      }
    }
    return new HeadSamples[] {
      new HeadSamples(numbers(), before, Map.of(), Map.of()),
      new HeadSamples(numbers(), after, Map.of(), Map.of())
    };
  }

  /** Three seeds, each with a drift of its own around what is planted. */
  private static AttentionDrift drift(long number, double planted, double ofSeed) {
    Random random = new Random(number);
    List<HeadSamples> before = new ArrayList<>();
    List<HeadSamples> after = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      double own = ofSeed * random.nextGaussian();
      HeadSamples[] pair = pair(random, (layer, head, source) -> source == 0 ? planted + own : own);
      before.add(pair[0]);
      after.add(pair[1]);
    }
    return AttentionDrift.of(SOURCES, before, after);
  }

  @Test
  void driftOfSeedsHasAnIntervalThatCoversWhatWasPlanted() {
    int missed = 0;
    int found = 0;
    for (long number = 0; number < 200; number++) {
      AttentionDrift drift = drift(number, -0.1, 0.02);
      Interval planted = drift.sources().get(0).entropy().interval();
      Interval nothing = drift.sources().get(1).entropy().interval();
      missed += planted.low() <= -0.1 && -0.1 <= planted.high() ? 0 : 1;
      found += nothing.low() <= 0 && 0 <= nothing.high() ? 0 : 1;
    }
    assertTrue(missed <= 19, missed + " of 200 intervals miss what is there; 10 are expected");
    assertTrue(found <= 19, found + " of 200 find a drift where there is none; 10 are expected");
    AttentionDrift exact = drift(1, -0.5, 0);
    assertTrue(exact.sources().get(0).entropy().interval().high() < -0.4);
    assertEquals(0.25, exact.sources().get(0).moved().value(), 1e-12);
    assertEquals(1, exact.sources().get(0).distance().value(), 1e-12);
  }

  @Test
  void onePairOfModelsGivesNoInterval() {
    HeadSamples[] pair = pair(new Random(1), (layer, head, source) -> 0);
    AttentionDrift drift = AttentionDrift.of(SOURCES, List.of(pair[0]), List.of(pair[1]));
    assertNull(drift.sources().get(0).entropy().interval());
  }

  private static List<String> heads(AttentionChanges changes, boolean bySource) {
    List<String> found = new ArrayList<>();
    for (Head head : changes.heads()) {
      if ((bySource ? head.sourceP() : head.changeP()) < 0.05) {
        found.add(head.layer() + "." + head.head());
      }
    }
    return found;
  }

  @Test
  void aHeadThatChangesOnOneSourceIsFoundAndItAlone() {
    AttentionChanges changes =
        changes(3, (layer, head, source) -> layer == 1 && head == 2 && source == 0 ? 0.2 : 0);
    assertEquals(List.of("1.2"), heads(changes, true));
    assertEquals(List.of("1.2"), heads(changes, false));
    Head head = changes.heads().get(5);
    assertEquals(0.2, head.bySource().get("math").entropyChange(), 0.05);
    assertEquals(0, head.bySource().get("code").entropyChange(), 0.05);
    assertEquals(0.25, head.all().moved(), 1e-12);
  }

  @Test
  void aHeadThatChangesOnAllSourcesAlikeIsNoMatterOfTheSource() {
    int bySource = 0;
    for (long seed = 1; seed <= 100; seed++) {
      AttentionChanges changes = changes(seed, (layer, head, source) -> head == 0 ? -0.1 : 0);
      assertTrue(heads(changes, false).containsAll(List.of("0.0", "1.0")), "seed " + seed);
      bySource += heads(changes, true).isEmpty() ? 0 : 1;
    }
    assertTrue(bySource <= 11, bySource + " of 100 find one by source; 5 are expected");
  }

  @Test
  void whereNothingChangesNothingIsFound() {
    int changed = 0;
    for (long seed = 1; seed <= 100; seed++) {
      AttentionChanges changes = changes(seed, (layer, head, source) -> 0);
      changed += heads(changes, false).isEmpty() ? 0 : 1;
    }
    assertTrue(changed <= 11, changed + " of 100 studies find a change; 5 are expected");
  }

  @Test
  void modelsThatAreTheSameDoNotDiffer() {
    AttentionMeasures[][][] same = new AttentionMeasures[1][1][4];
    Arrays.fill(same[0][0], new AttentionMeasures(1, 2, 0.5, 0));
    HeadSamples samples = new HeadSamples(new int[] {0, 0, 1, 1}, same, Map.of(), Map.of());
    Head head =
        AttentionStudy.of(NAMES, List.of("math", "code"), samples, samples, 1).heads().get(0);
    assertEquals(1, head.changeP());
    assertEquals(1, head.sourceP());
  }

  /** Head 0 is worth half of the loss of code, and head 1 nothing. */
  @Test
  void whoNeedsAHeadIsTold() {
    AttentionMeasures[][][] measures = new AttentionMeasures[1][2][60];
    for (AttentionMeasures[] head : measures[0]) {
      Arrays.fill(head, new AttentionMeasures(1, 2, 0.5, 0));
    }
    Map<AttentionHead, Map<String, PooledMean>> losses = new LinkedHashMap<>();
    Map<String, PooledMean> whole = Map.of("math", losses(1, 1), "code", losses(1, 2));
    losses.put(new AttentionHead(0, 0), Map.of("math", losses(1, 3), "code", losses(1.5, 4)));
    losses.put(new AttentionHead(0, 1), Map.of("math", losses(1, 5), "code", losses(1, 6)));
    int[] numbers = new int[60];
    Arrays.fill(numbers, 30, 60, 1);
    HeadSamples samples = new HeadSamples(numbers, measures, whole, losses);
    AttentionChanges changes =
        AttentionStudy.of(NAMES, List.of("math", "code"), samples, samples, 1);
    AttentionReport report =
        new AttentionReport(
            changes,
            AttentionDrift.of(List.of("math", "code"), List.of(samples), List.of(samples)));
    assertEquals(List.of("code"), changes.neededBy(changes.heads().get(0), 1));
    assertEquals(List.of(), changes.neededBy(changes.heads().get(1), 1));
    String page = report.report().html();
    assertTrue(page.contains("layer 1, head 2") && page.contains("needed by"));
  }

  private static PooledMean losses(double factor, long seed) {
    Random random = new Random(seed);
    Random difficulty = new Random(0);
    double[] sums = new double[30];
    double[] tokens = new double[30];
    for (int s = 0; s < 30; s++) {
      tokens[s] = 10;
      double loss = Math.exp(0.3 * difficulty.nextGaussian() + 0.03 * random.nextGaussian());
      sums[s] = 10 * factor * loss;
    }
    return new PooledMean(sums, tokens);
  }

  @Test
  void oneSampleOfASourceIsTooFew() {
    AttentionMeasures[][][] measures = new AttentionMeasures[1][1][3];
    Arrays.fill(measures[0][0], new AttentionMeasures(1, 2, 0.5, 0));
    HeadSamples samples = new HeadSamples(new int[] {0, 0, 1}, measures, Map.of(), Map.of());
    assertEquals(
        "source code needs two samples or more",
        assertThrows(
                ConfigException.class,
                () -> AttentionStudy.of(NAMES, List.of("math", "code"), samples, samples, 1))
            .getMessage());
  }
}
