package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.SourcedSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PackingTest {
  /**
   * Ten samples with 2 to 6 label tokens each, as {@link Counting} has them: 2, 3, 4, 5, 6, 2, ...
   */
  private static final GlobalBatch STEP =
      new GlobalBatch(
          Counting.source("math", 10).samples().stream()
              .map(sample -> new SourcedSample(sample, 0))
              .toList());

  private static Stream<Arguments> cuts() {
    return Arrays.stream(Packing.values())
        .flatMap(packing -> Stream.of(1, 4).map(size -> Arguments.of(packing, size)));
  }

  /** What each label token of a sample weighs, by the sample's id. */
  private static Map<String, Double> weights(List<StepPart> parts) {
    Map<String, Double> weights = new TreeMap<>();
    for (StepPart part : parts) {
      for (SourcedSample sample : part.samples()) {
        assertEquals(null, weights.put(sample.sample().id(), part.tokenWeight()), "comes once");
      }
    }
    return weights;
  }

  private static Map<String, Double> weights(Packing packing, Packing.Limits limits, int ranks) {
    List<StepPart> all = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      all.addAll(packing.cut(STEP, new Rank(rank, ranks), limits));
    }
    return weights(all);
  }

  @ParameterizedTest(name = "{0}, micro-batches of {1}")
  @MethodSource("cuts")
  void ranksTogetherHaveTheStepWithTheSameWeights(Packing packing, int size) {
    Packing.Limits limits = new Packing.Limits(7 * size, size);
    Map<String, Double> alone = weights(packing, limits, 1);
    assertEquals(10, alone.size());
    double sum = 0;
    for (SourcedSample sample : STEP.samples()) {
      sum += alone.get(sample.sample().id()) * sample.sample().labelTokens();
    }
    assertEquals(1, sum, 1e-12);
    for (int ranks : new int[] {2, 3, 8, 16}) {
      assertEquals(alone, weights(packing, limits, ranks), ranks + " ranks");
    }
  }

  @ParameterizedTest(name = "{0}, micro-batches of {1}")
  @MethodSource("cuts")
  void partsKeepTheLimits(Packing packing, int size) {
    for (StepPart part : packing.cut(STEP, Rank.ONLY, new Packing.Limits(7 * size, size))) {
      assertTrue(part.microBatch().tokens() <= 7 * size);
      assertTrue(!packing.countsSamples() || part.samples().size() <= size);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BEST_FIT", "NONE"})
  void everyLabelTokenOfTheStepWeighsTheSame(Packing packing) {
    Packing.Limits limits = new Packing.Limits(9, 3);
    weights(packing, limits, 2)
        .values()
        .forEach(weight -> assertEquals(1.0 / STEP.labelTokens(), weight));
  }

  @Test
  void microBatchesOfThePaperWeighTheSameInTheOrderOfTheStep() {
    Map<String, Double> weights = weights(Packing.PAPER, new Packing.Limits(100, 4), 1);
    // label tokens 2 3 4 5 | 6 2 3 4 | 5 6
    for (int s = 0; s < 10; s++) {
      double labelTokens = s < 4 ? 14 : s < 8 ? 15 : 11;
      assertEquals(1 / (3 * labelTokens), weights.get("math" + s), 1e-15, "sample " + s);
    }
  }

  @Test
  void limitOfTokensIsNoPartOfThePapersMean() {
    assertEquals(
        weights(Packing.PAPER, new Packing.Limits(100, 4), 1),
        weights(Packing.PAPER, new Packing.Limits(7, 4), 1));
    assertNotEquals(
        weights(Packing.PAPER, new Packing.Limits(100, 4), 1),
        weights(Packing.PAPER, new Packing.Limits(100, 1), 1));
  }

  @Test
  void rankOutsideTheWorldIsRefused() {
    for (int number : new int[] {-1, 2}) {
      ConfigException e = assertThrows(ConfigException.class, () -> new Rank(number, 2));
      assertEquals(
          "rank must be in [0, world size), got rank %s of 2".formatted(number), e.getMessage());
    }
  }
}
