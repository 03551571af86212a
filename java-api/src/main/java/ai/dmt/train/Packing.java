package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How the samples of a step are cut into micro-batches. Never changes which samples form a step,
 * and with {@link #BEST_FIT} and {@link #NONE} not what is learnt either: each label token of a
 * step weighs the same, and no sample sees another.
 */
public enum Packing {
  /** As few micro-batches as best fit finds, each filled up to its limit of tokens. */
  BEST_FIT {
    @Override
    public List<MicroBatch> cut(List<SourcedSample> samples, Limits limits) {
      return new SequencePacker(limits.maxTokens(), Math.max(1, samples.size())).pack(samples);
    }
  },
  /**
   * A fixed number of samples per micro-batch (per_device_train_batch_size), samples of like length
   * together (group_by_length within the step), as they would lie in a padded matrix; the padding
   * itself is not computed.
   */
  NONE {
    @Override
    public List<MicroBatch> cut(List<SourcedSample> samples, Limits limits) {
      return grouped(samples, limits);
    }
  },
  /**
   * FastChat's and Hugging Face's way of 2023 (paper.md 1.5): padded, unpacked, and the loss of a
   * step is the mean over micro-batches of the mean over their label tokens. A token of a
   * micro-batch with few label tokens weighs more than elsewhere, so the result depends on how the
   * step is cut. Refused: it needs a weight for each micro-batch, and the engine's accumulate
   * divides all by the label tokens of the step.
   */
  PAPER {
    @Override
    public List<MicroBatch> cut(List<SourcedSample> samples, Limits limits) {
      throw refused();
    }

    @Override
    public void check() {
      throw refused();
    }

    private ConfigException refused() {
      return new ConfigException(
          "packing=paper weighs micro-batches equally, which the engine cannot do yet: it needs"
              + " accumulate(batch, stepLabelTokens, lossWeight) with lossWeight ="
              + " stepLabelTokens / (microBatches * labelTokens of the micro-batch);"
              + " use packing=none for the same micro-batches with equal weight for each label token");
    }
  };

  /**
   * Size of micro-batches.
   *
   * @param maxTokens that go through the model at once
   * @param maxSamples of a micro-batch, for {@link #NONE}
   */
  public record Limits(int maxTokens, int maxSamples) {}

  /** Cuts a step's samples, or one rank's of them. */
  public abstract List<MicroBatch> cut(List<SourcedSample> samples, Limits limits);

  /**
   * Says early whether this mode can be used.
   *
   * @throws ConfigException if it cannot
   */
  public void check() {}

  /** Name in recipes, such as "best_fit". */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static List<MicroBatch> grouped(List<SourcedSample> samples, Limits limits) {
    List<SourcedSample> longestFirst = new ArrayList<>(samples);
    longestFirst.sort(Comparator.comparingInt(Packing::length).reversed()); // stable
    List<MicroBatch> batches = new ArrayList<>();
    for (int from = 0; from < longestFirst.size(); ) {
      // The longest comes first, so this is how many rows of its length fit.
      int rows = limits.maxTokens() / Math.max(1, length(longestFirst.get(from)));
      int count = Math.max(1, Math.min(rows, limits.maxSamples()));
      int to = Math.min(from + count, longestFirst.size());
      batches.addAll(
          new SequencePacker(limits.maxTokens(), to - from).pack(longestFirst.subList(from, to)));
      from = to;
    }
    return batches;
  }

  private static int length(SourcedSample sourced) {
    return sourced.sample().inputTokens();
  }
}
