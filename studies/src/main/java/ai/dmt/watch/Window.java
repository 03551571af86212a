package ai.dmt.watch;

import java.util.Arrays;

/** The last values of a series, for medians. */
final class Window {
  /** Median absolute deviations of a normal distribution that are its standard deviation. */
  private static final double SIGMA = 1.4826;

  private final double[] values;
  private long added;

  Window(int size) {
    values = new double[size];
  }

  void add(double value) {
    values[(int) (added++ % values.length)] = value;
  }

  void clear() {
    added = 0;
  }

  int size() {
    return (int) Math.min(added, values.length);
  }

  /** Of what is there; NaN of nothing. */
  double median() {
    return median(Arrays.copyOf(values, size()));
  }

  /** The greatest; NaN of nothing. */
  double greatest() {
    return Arrays.stream(values, 0, size()).max().orElse(Double.NaN);
  }

  /** A standard deviation that a few values far off do not change. */
  double deviation(double median) {
    double[] off = new double[size()];
    for (int i = 0; i < off.length; i++) {
      off[i] = Math.abs(values[i] - median);
    }
    return SIGMA * median(off);
  }

  /** The values are sorted. */
  static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
