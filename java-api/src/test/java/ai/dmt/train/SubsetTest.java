package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubsetTest {
  @ParameterizedTest(name = "{0}: 1/4 {1}, 1/16 {2}, 1/64 {3}, 1/256 {4}")
  @CsvSource({
    "110142, 27535, 6883, 1720, 430",
    "20022, 5005, 1251, 312, 78",
    "86060, 21515, 5378, 1344, 336"
  })
  void sizesAreThePapers(long whole, long quarter, long sixteenth, long sixtyFourth, long least) {
    assertEquals(whole, SubsetRanking.sizeOf(1, whole));
    assertEquals(quarter, SubsetRanking.sizeOf(1 / 4.0, whole));
    assertEquals(sixteenth, SubsetRanking.sizeOf(1 / 16.0, whole));
    assertEquals(sixtyFourth, SubsetRanking.sizeOf(1 / 64.0, whole));
    assertEquals(least, SubsetRanking.sizeOf(1 / 256.0, whole));
  }

  @ParameterizedTest
  @CsvSource({"0.29, 100, 29", "0.3333333333333333, 30, 10", "0.1, 9, 0", "0.999, 1000, 999"})
  void decimalNotationLosesNoSample(double fraction, long samples, long expected) {
    assertEquals(expected, SubsetRanking.sizeOf(fraction, samples));
  }

  private static Set<SampleRef> subset(SampleTable table, double fraction, long seed) {
    Mixture mixture = Mixture.of(List.of(Portion.fraction(table.name(), fraction)));
    Selection selection =
        Selection.of("test", mixture, List.of(table), each -> SubsetRanking.rank(each, seed));
    Set<SampleRef> samples = new HashSet<>();
    for (int place = 0; place < selection.size(); place++) {
      samples.add(selection.at(place));
    }
    assertEquals(selection.size(), samples.size(), "no sample comes twice");
    return samples;
  }

  @RepeatedTest(20)
  void smallerSubsetIsContainedInLargerForAnySeed() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    SampleTable table = SampleTable.counted("math", 300 + random.nextInt(5000));
    Set<SampleRef> before = Set.of();
    for (double fraction : new double[] {1 / 256.0, 1 / 64.0, 1 / 16.0, 1 / 4.0, 1}) {
      Set<SampleRef> subset = subset(table, fraction, seed);
      assertEquals(SubsetRanking.sizeOf(fraction, table.size()), subset.size());
      assertTrue(subset.containsAll(before), "seed " + seed + ", fraction " + fraction);
      before = subset;
    }
  }

  @Test
  void anotherSeedChoosesOtherSamples() {
    SampleTable table = SampleTable.counted("math", 1000);
    assertNotEquals(subset(table, 0.1, 1), subset(table, 0.1, 2));
  }

  @Test
  void chosenSamplesDependOnTheirIdsAndNotOnTheirOrder() {
    Source source = Counting.source("math", 200);
    List<EncodedSample> shuffled = new ArrayList<>(source.samples());
    Collections.shuffle(shuffled, new Random(5));
    Source other = new Source("math", shuffled);
    assertEquals(ids(source, 0.25), ids(other, 0.25));
  }

  private static Set<String> ids(Source source, double fraction) {
    return subset(SampleTable.of(source), fraction, 42).stream()
        .map(ref -> source.samples().get(ref.sample()).id())
        .collect(Collectors.toSet());
  }
}
