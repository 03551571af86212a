package ai.dmt.data;

import ai.dmt.engine.MicroBatch;
import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Chooses which samples go through the model together, and lays them end to end as documents.
 *
 * <pre>
 *   samples           a b c d    e f      (B: begin token; c, d and f carry loss)
 *   tokens            B a b c    B e      what comes after the last loss is not computed
 *   labels (shifted)  . . c d    . f      "." is IGNORE_INDEX
 *   documentOffsets   0          4    6
 * </pre>
 *
 * <p>Best fit: within a window, the longest samples first, each into the fullest micro-batch that
 * has room. A sample is never split and no label token is lost. The same samples give the same
 * micro-batches.
 */
public final class SequencePacker {
  private final int maxTokens;
  private final int window;

  /**
   * Makes a packer.
   *
   * @param maxTokens of one micro-batch; at least the longest sample
   * @param window samples that are looked at together
   */
  public SequencePacker(int maxTokens, int window) {
    new Faults("packing")
        .positive("maxTokensPerMicroBatch", maxTokens)
        .positive("window", window)
        .throwIfAny();
    this.maxTokens = maxTokens;
    this.window = window;
  }

  /**
   * Packs samples in windows, in their order.
   *
   * @param samples in any order; each window of them is packed by itself
   * @return micro-batches, window by window
   * @throws DataException if a sample is longer than a micro-batch or carries no loss
   */
  public List<MicroBatch> pack(List<SourcedSample> samples) {
    List<MicroBatch> batches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += window) {
      List<SourcedSample> part = samples.subList(from, Math.min(from + window, samples.size()));
      for (List<SourcedSample> bin : bestFit(part, maxTokens)) {
        batches.add(layOut(bin));
      }
    }
    return batches;
  }

  /**
   * {@return which samples go together where all may: a list for each micro-batch, the one with the
   * longest sample first}
   *
   * @param samples in any order; of equal lengths, the earlier one is placed first
   * @param maxTokens of one micro-batch
   * @throws DataException if a sample is longer than a micro-batch or carries no loss
   */
  public static List<List<SourcedSample>> bestFit(List<SourcedSample> samples, int maxTokens) {
    List<SourcedSample> longestFirst = new ArrayList<>(samples);
    longestFirst.sort(Comparator.comparingInt(SequencePacker::length).reversed()); // stable
    List<List<SourcedSample>> bins = new ArrayList<>();
    // Free tokens to the bins that have so many, the oldest first.
    TreeMap<Integer, List<List<SourcedSample>>> free = new TreeMap<>();
    for (SourcedSample sourced : longestFirst) {
      int length = checkedLength(sourced, maxTokens);
      Map.Entry<Integer, List<List<SourcedSample>>> fullest = free.ceilingEntry(length);
      int room = fullest == null ? maxTokens : fullest.getKey();
      List<SourcedSample> bin;
      if (fullest == null) {
        bin = new ArrayList<>();
        bins.add(bin);
      } else {
        bin = fullest.getValue().remove(0);
        if (fullest.getValue().isEmpty()) {
          free.remove(room);
        }
      }
      bin.add(sourced);
      free.computeIfAbsent(room - length, key -> new ArrayList<>()).add(bin);
    }
    return bins;
  }

  private static int checkedLength(SourcedSample sourced, int maxTokens) {
    EncodedSample sample = sourced.sample();
    int length = sample.inputTokens();
    if (length == 0) {
      throw new DataException(
          sample.origin(), "sample " + sample.id() + " has no token that carries loss");
    }
    if (length > maxTokens) {
      throw new DataException(
          sample.origin(),
          "sample %s has %s tokens, maxTokensPerMicroBatch is %s; raise it or lower sequenceLength"
              .formatted(sample.id(), length, maxTokens));
    }
    return length;
  }

  private static int length(SourcedSample sourced) {
    return sourced.sample().inputTokens();
  }

  /**
   * Lays samples end to end. Labels are shifted: the label of a position is the token after it.
   *
   * @param samples of one micro-batch, at least one; each has a token that carries loss
   * @return the micro-batch, with a document for each sample in the same order
   */
  public static MicroBatch layOut(List<SourcedSample> samples) {
    int tokens = samples.stream().mapToInt(SequencePacker::length).sum();
    int[] tokenIds = new int[tokens];
    int[] labels = new int[tokens];
    int[] offsets = new int[samples.size() + 1];
    int[] sources = new int[samples.size()];
    for (int d = 0; d < samples.size(); d++) {
      EncodedSample sample = samples.get(d).sample();
      int length = sample.inputTokens();
      int start = offsets[d];
      System.arraycopy(sample.tokenIds(), 0, tokenIds, start, length);
      for (int t = 0; t < length; t++) {
        labels[start + t] =
            sample.carriesLoss()[t + 1] ? sample.tokenIds()[t + 1] : MicroBatch.IGNORE_INDEX;
      }
      offsets[d + 1] = start + length;
      sources[d] = samples.get(d).source();
    }
    return new MicroBatch(tokenIds, labels, offsets, sources);
  }
}
