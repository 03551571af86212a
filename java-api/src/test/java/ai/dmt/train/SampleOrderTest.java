package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleOrderTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 1000})
  void everySampleOccursOnce(int size) {
    int[] order = new SampleOrder(size, 42).epoch(3);
    Arrays.sort(order);
    assertArrayEquals(IntStream.range(0, size).toArray(), order);
  }

  @Test
  void orderIsThatOfTheSeedAndTheEpochForEver() {
    // Computed apart, in Python: a run that is resumed with a newer release must see the same
    // order.
    assertArrayEquals(new int[] {3, 0, 5, 7, 2, 6, 4, 1}, new SampleOrder(8, 42).epoch(0));
    assertArrayEquals(new int[] {3, 4, 1, 5, 6, 7, 0, 2}, new SampleOrder(8, 42).epoch(1));
  }

  @Test
  void otherSeedsAndEpochsGiveOtherOrders() {
    int[] order = new SampleOrder(100, 1).epoch(0);
    assertFalse(Arrays.equals(order, new SampleOrder(100, 2).epoch(0)));
    assertFalse(Arrays.equals(order, new SampleOrder(100, 1).epoch(1)));
    // Seed and epoch must not be added up.
    assertFalse(Arrays.equals(new SampleOrder(100, 1).epoch(1), new SampleOrder(100, 2).epoch(0)));
  }

  @Test
  void everyPlaceIsAsLikelyForASample() {
    int[] counts = new int[10];
    for (int epoch = 0; epoch < 10_000; epoch++) {
      int[] order = new SampleOrder(10, 5).epoch(epoch);
      for (int place = 0; place < 10; place++) {
        counts[place] += order[place] == 0 ? 1 : 0;
      }
    }
    for (int count : counts) { // 1000 expected; six deviations are 180
      assertTrue(Math.abs(count - 1000) < 180, Arrays.toString(counts));
    }
  }
}
