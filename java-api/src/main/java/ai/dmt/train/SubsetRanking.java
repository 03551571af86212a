package ai.dmt.train;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Ranks the samples of a source by a hash of (key, seed). A subset is a prefix of the ranking, so
 * 1/256 of a source is contained in 1/64 of it for every seed, and a sample's rank among others
 * does not change when the file is sorted anew. The paper only says "sampled" (arXiv 2310.05492,
 * section 3.2).
 */
public final class SubsetRanking {
  /** Forgives what division and decimal notation lose: 1/3 of 30 is 10, 0.29 of 100 is 29. */
  private static final double ROUNDING = 1e-9;

  private SubsetRanking() {}

  /**
   * {@return how many samples a share of a source has, rounded down} That gives the paper's 430, 78
   * and 336 for 1/256 (its Table 2; rounding to nearest would, too).
   *
   * @param fraction of the source, at least 0
   * @param samples that the source has
   */
  public static long sizeOf(double fraction, long samples) {
    return floor(fraction * samples);
  }

  static long floor(double amount) {
    return (long) Math.floor(amount + ROUNDING * Math.max(1, amount * 1e-3));
  }

  /**
   * {@return the place of a sample in the ranking, without the others} A smaller hash, taken as a
   * signed number, is in more subsets.
   *
   * @param id of the sample
   * @param seed of the ranking (data_seed)
   */
  public static long hash(String id, long seed) {
    return hash(SampleTable.key(id), seed);
  }

  private static long hash(long key, long seed) {
    return SampleOrder.mix(key ^ SampleOrder.mix(seed));
  }

  /** Ordinals of all samples, the first of every subset in front. */
  static int[] rank(SampleTable table, long seed) {
    Integer[] order = new Integer[table.size()];
    long[] hashes = new long[table.size()];
    for (int s = 0; s < order.length; s++) {
      order[s] = s;
      hashes[s] = hash(table.key(s), seed);
    }
    Arrays.sort(
        order,
        Comparator.<Integer>comparingLong(s -> hashes[s]).thenComparing(Comparator.naturalOrder()));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
