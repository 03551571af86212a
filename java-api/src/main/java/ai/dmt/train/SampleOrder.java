package ai.dmt.train;

/**
 * Order of samples in each epoch: a pure function of (seed, epoch), the same on every machine and
 * with every Java version.
 *
 * @param size samples
 * @param seed of the run
 */
public record SampleOrder(int size, long seed) {
  /**
   * {@return a permutation of 0 to size - 1}
   *
   * @param epoch 0 for the first
   */
  public int[] epoch(long epoch) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    long state = mix(seed) ^ mix(~epoch);
    for (int i = size - 1; i > 0; i--) { // Fisher-Yates
      state += GOLDEN_GAMMA;
      int j = (int) Long.remainderUnsigned(mix(state), i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  /** The finalizer of SplitMix64. */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
