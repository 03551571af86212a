package ai.dmt.train;

import java.util.Arrays;
import java.util.List;

/** The largest micro-batch of a schedule, told from the lengths of samples: none is cut for it. */
final class LargestMicroBatch {
  private final ScheduleBatches batches;
  private final int worldSize;
  private final Packing packing;
  private final Packing.Limits limits;

  LargestMicroBatch(
      ScheduleBatches batches, int worldSize, Packing packing, Packing.Limits limits) {
    this.batches = batches;
    this.worldSize = worldSize;
    this.packing = packing;
    this.limits = limits;
  }

  /** At most the limit; exact where all of a rank's step goes through the model at once. */
  long tokens() {
    if (!batches.tables().stream().allMatch(SampleTable::hasTokens)) {
      return limits.maxTokens();
    }
    long most = 0;
    for (StageBatches stage : batches.stages()) {
      for (long step = 0; step < stage.steps(); step++) {
        most = Math.max(most, tokens(lengths(stage.samplesOf(step))));
        if (most >= limits.maxTokens()) {
          return limits.maxTokens();
        }
      }
    }
    return most;
  }

  /** The last token of a sample is a label and no input. */
  private int[] lengths(List<SampleRef> samples) {
    return samples.stream()
        .mapToInt(
            ref -> batches.tables().get(ref.source()).length(ref.sample(), Measure.TOKENS) - 1)
        .toArray();
  }

  private long tokens(int[] lengths) {
    return switch (packing) {
      case BEST_FIT -> largestShare(lengths);
      case NONE -> {
        int longest = Arrays.stream(lengths).max().orElse(0);
        yield Math.min(largestShare(lengths), (long) longest * limits.maxSamples());
      }
      case PAPER -> largestRows(lengths);
    };
  }

  /** As {@link Rank#share} deals samples out: the longest first, to who has least. */
  private long largestShare(int[] lengths) {
    int[] sorted = lengths.clone();
    Arrays.sort(sorted);
    long[] loads = new long[worldSize];
    for (int i = sorted.length - 1; i >= 0; i--) {
      int least = 0;
      for (int r = 1; r < worldSize; r++) {
        least = loads[r] < loads[least] ? r : least;
      }
      loads[least] += sorted[i];
    }
    return Arrays.stream(loads).max().orElse(0);
  }

  /** Micro-batches of so many samples in the order of the step. */
  private long largestRows(int[] lengths) {
    long most = 0;
    for (int from = 0; from < lengths.length; from += limits.maxSamples()) {
      int to = Math.min(from + limits.maxSamples(), lengths.length);
      most = Math.max(most, Arrays.stream(lengths, from, to).asLongStream().sum());
    }
    return most;
  }
}
