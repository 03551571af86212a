package ai.dmt.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lengths of samples, as they come. */
public final class Lengths {
  /** Below this, lengths share one bin; each bin after it is twice as wide. */
  private static final int FIRST_BIN = 32;

  private int[] values = new int[1024];
  private int size;
  private long sum;

  /**
   * What is reported of them; percentiles are lengths that occur (nearest rank).
   *
   * @param sum of all
   * @param bins those from the first to the last that is not empty
   */
  public record Summary(long sum, int p50, int p90, int p99, int max, List<Bin> bins) {}

  /**
   * Samples of similar length.
   *
   * @param from shortest length
   * @param to longest length
   * @param samples that have such a length
   */
  public record Bin(int from, int to, long samples) {}

  void add(int length) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = length;
    sum += length;
  }

  long sum() {
    return sum;
  }

  Summary summary() {
    int[] sorted = Arrays.copyOf(values, size);
    Arrays.sort(sorted);
    return new Summary(
        sum,
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 99),
        percentile(sorted, 100),
        bins(sorted));
  }

  private static int percentile(int[] sorted, int percent) {
    int rank = (int) ((percent * (long) sorted.length + 99) / 100);
    return sorted.length == 0 ? 0 : sorted[Math.max(1, rank) - 1];
  }

  private static List<Bin> bins(int[] sorted) {
    List<Bin> bins = new ArrayList<>();
    int next = 0;
    int from = 0;
    for (int to = FIRST_BIN - 1; next < sorted.length; from = to + 1, to = 2 * to + 1) {
      int begin = next;
      while (next < sorted.length && sorted[next] <= to) {
        next++;
      }
      if (next > begin || !bins.isEmpty()) {
        bins.add(new Bin(from, to, next - begin));
      }
    }
    return bins;
  }
}
