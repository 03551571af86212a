package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import ai.dmt.train.SubsetRanking;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The samples of a source that are in its smallest subsets. */
final class Examples {
  private final int count;
  private final long seed;
  private final Comparator<EncodedSample> order =
      Comparator.<EncodedSample>comparingLong(this::rank).thenComparing(EncodedSample::id);
  private final PriorityQueue<EncodedSample> kept = new PriorityQueue<>(order.reversed());

  /**
   * Keeps none yet.
   *
   * @param count most to keep
   * @param seed of the subsets
   */
  Examples(int count, long seed) {
    this.count = count;
    this.seed = seed;
  }

  void add(EncodedSample sample) {
    if (count > 0) {
      kept.add(sample);
      if (kept.size() > count) {
        kept.remove();
      }
    }
  }

  List<EncodedSample> inOrder() {
    return kept.stream().sorted(order).toList();
  }

  private long rank(EncodedSample sample) {
    return SubsetRanking.hash(sample.id(), seed);
  }
}
