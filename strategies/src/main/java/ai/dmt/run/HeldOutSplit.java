package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples to train on, and samples that are held out to measure the loss of.
 *
 * <p>Which ones is decided by a fixed hash of their tokens: the same in every run, whatever the
 * seed and the order of the files, and copies of a sample land on the same side.
 *
 * @param train at least one
 * @param heldOut none where there are too few
 */
record HeldOutSplit(List<EncodedSample> train, List<EncodedSample> heldOut) {
  /** From so many samples on, one is held out even if the share would be less. */
  private static final int ENOUGH = 10;

  static HeldOutSplit of(List<EncodedSample> samples, double fraction) {
    long[] sorted = samples.stream().mapToLong(HeldOutSplit::hash).sorted().toArray();
    int count = (int) Math.round(fraction * sorted.length);
    if (count == 0 && fraction > 0 && sorted.length >= ENOUGH) {
      count = 1;
    }
    if (count == 0) {
      return new HeldOutSplit(samples, List.of());
    }
    long highest = sorted[count - 1];
    List<EncodedSample> train = new ArrayList<>();
    List<EncodedSample> heldOut = new ArrayList<>();
    for (EncodedSample sample : samples) {
      (hash(sample) <= highest ? heldOut : train).add(sample);
    }
    return train.isEmpty()
        ? new HeldOutSplit(samples, List.of()) // all samples are copies of few
        : new HeldOutSplit(train, heldOut);
  }

  /** The finalizer of SplitMix64 over an FNV-like sum: neighbours differ in all bits. */
  static long hash(EncodedSample sample) {
    long z = Arrays.hashCode(sample.tokenIds());
    for (int id : sample.tokenIds()) {
      z = (z ^ id) * 0x100000001b3L;
    }
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
