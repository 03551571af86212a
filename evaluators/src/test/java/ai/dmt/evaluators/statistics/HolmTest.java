package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HolmTest {
  /** 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1, which may not fall below the one before. */
  @Test
  void valuesByHand() {
    assertArrayEquals(
        new double[] {0.03, 0.06, 0.06, 0.02}, Holm.adjust(0.01, 0.04, 0.03, 0.005), 1e-15);
    assertArrayEquals(new double[] {0.04, 0.06, 0.06, 0.06}, Holm.adjust(0.01, 0.02, 0.03, 0.04));
    assertArrayEquals(new double[] {1, 1, 0.3}, Holm.adjust(0.9, 0.6, 0.1), 1e-15);
    assertArrayEquals(new double[] {0.7}, Holm.adjust(0.7));
    assertEquals(0, Holm.adjust().length);
  }

  /** Holm's own words: go up from the smallest while p <= level / (m - rank), and reject those. */
  @Property(tries = 300)
  void comparingWithALevelIsTheStepDownTest(
      @ForAll @Size(min = 1, max = 12) List<@DoubleRange(min = 0, max = 1) Double> list,
      @ForAll @DoubleRange(min = 0.01, max = 0.5) double level) {
    double[] values = list.stream().mapToDouble(p -> p).toArray();
    double[] adjusted = Holm.adjust(values);
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int rejected = 0;
    while (rejected < sorted.length && sorted[rejected] * (sorted.length - rejected) <= level) {
      rejected++;
    }
    assertEquals(rejected, Arrays.stream(adjusted).filter(p -> p <= level).count());
  }

  @Property(tries = 300)
  void adjustedValuesKeepTheOrderAndNeverShrink(
      @ForAll @Size(max = 12) List<@DoubleRange(min = 0, max = 1) Double> list) {
    double[] values = list.stream().mapToDouble(p -> p).toArray();
    double[] adjusted = Holm.adjust(values);
    for (int i = 0; i < values.length; i++) {
      assertTrue(values[i] <= adjusted[i] && adjusted[i] <= 1);
      for (int j = 0; j < values.length; j++) {
        assertTrue(values[i] > values[j] || adjusted[i] <= adjusted[j]);
      }
    }
  }

  @Test
  void whatIsNoPValueIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Holm.adjust(0.5, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Holm.adjust(-0.1));
    assertThrows(IllegalArgumentException.class, () -> Holm.adjust(1.1));
  }
}
