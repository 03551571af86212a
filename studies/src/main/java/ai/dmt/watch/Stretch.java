package ai.dmt.watch;

/**
 * Sums of a series over stretches of steps, in at most {@value #MOST} buckets of equal width, for
 * means and deviations of parts of a series of any length.
 */
final class Stretch {
  private static final int MOST = 1024;

  private final double[] counts = new double[MOST];
  private final double[] sums = new double[MOST];
  private final double[] squares = new double[MOST];
  private long width = 1;
  private long added;

  /**
   * Mean of a part.
   *
   * @param mean of its values
   * @param error standard error of the mean, as if values were independent
   */
  record Mean(double mean, double error) {}

  void clear() {
    java.util.Arrays.fill(counts, 0);
    java.util.Arrays.fill(sums, 0);
    java.util.Arrays.fill(squares, 0);
    width = 1;
    added = 0;
  }

  void add(double value) {
    if (added / width >= MOST) {
      merge(counts);
      merge(sums);
      merge(squares);
      width *= 2;
    }
    int bucket = (int) (added++ / width);
    counts[bucket]++;
    sums[bucket] += value;
    squares[bucket] += value * value;
  }

  private static void merge(double[] values) {
    for (int i = 0; i < MOST / 2; i++) {
      values[i] = values[2 * i] + values[2 * i + 1];
    }
    java.util.Arrays.fill(values, MOST / 2, MOST, 0);
  }

  long size() {
    return added;
  }

  /** Of the values from one to before another, counted from 0, to the width of a bucket. */
  Mean mean(long from, long to) {
    double count = 0;
    double sum = 0;
    double square = 0;
    for (long bucket = from / width; bucket < Math.min(MOST, to / width); bucket++) {
      count += counts[(int) bucket];
      sum += sums[(int) bucket];
      square += squares[(int) bucket];
    }
    double mean = sum / count;
    double variance = Math.max(0, square / count - mean * mean);
    return new Mean(mean, Math.sqrt(variance / Math.max(1, count)));
  }
}
