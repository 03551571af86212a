package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeldOutSplitTest {
  private static EncodedSample sample(int content) {
    return new EncodedSample(
        "s" + content,
        Origin.UNKNOWN,
        new int[] {1, content, 2},
        new boolean[] {false, true, true});
  }

  private static List<EncodedSample> samples(int count) {
    List<EncodedSample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(sample(i));
    }
    return samples;
  }

  @Test
  void shareIsHeldOutAndNothingIsLost() {
    HeldOutSplit split = HeldOutSplit.of(samples(1000), 0.05);
    assertEquals(50, split.heldOut().size());
    assertEquals(950, split.train().size());
    assertTrue(Collections.disjoint(split.train(), split.heldOut()));
  }

  @Test
  void orderOfSamplesDoesNotMatter() {
    List<EncodedSample> shuffled = samples(200);
    List<EncodedSample> expected = HeldOutSplit.of(shuffled, 0.1).heldOut();
    Collections.shuffle(shuffled, new Random(3));
    List<EncodedSample> actual = HeldOutSplit.of(shuffled, 0.1).heldOut();
    assertNotEquals(expected, actual);
    assertEquals(new HashSet<>(expected), new HashSet<>(actual));
  }

  @Test
  void copiesLandOnOneSide() {
    List<EncodedSample> twice = samples(100);
    for (int i = 0; i < 100; i++) {
      twice.add(sample(i));
    }
    HeldOutSplit split = HeldOutSplit.of(twice, 0.055);
    assertEquals(12, split.heldOut().size()); // 11, and the copy of the last one
  }

  @Test
  void oneIsHeldOutWhereThereAreEnough() {
    assertEquals(1, HeldOutSplit.of(samples(10), 0.01).heldOut().size());
    assertEquals(0, HeldOutSplit.of(samples(9), 0.01).heldOut().size());
    assertEquals(0, HeldOutSplit.of(samples(100), 0).heldOut().size());
  }

  @Test
  void someAreAlwaysLeftToTrainOn() {
    List<EncodedSample> copies = List.of(sample(1), sample(1), sample(1));
    assertEquals(copies, HeldOutSplit.of(copies, 0.5).train());
  }
}
