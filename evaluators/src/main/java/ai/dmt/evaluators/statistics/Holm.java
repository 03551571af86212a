package ai.dmt.evaluators.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Holm's correction of several p-values for being several. */
public final class Holm {
  private Holm() {}

  /**
   * Adjusted p-values: comparing each with 0.05 keeps the chance of one false alarm or more among
   * all of them at 5 %, however they depend on each other. The smallest of m is multiplied by m,
   * the next by m - 1, and so on; none becomes smaller than one before it, or greater than 1.
   *
   * @param values in [0, 1]
   * @return in the same order
   */
  public static double[] adjust(double... values) {
    for (double value : values) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException("a p-value must be in [0, 1], got " + value);
      }
    }
    int[] ascending =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(i -> i)
            .toArray();
    double[] adjusted = new double[values.length];
    double before = 0;
    for (int rank = 0; rank < ascending.length; rank++) {
      before = Math.max(before, Math.min(1, values[ascending[rank]] * (values.length - rank)));
      adjusted[ascending[rank]] = before;
    }
    return adjusted;
  }
}
