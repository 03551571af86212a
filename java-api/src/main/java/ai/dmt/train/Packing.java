package ai.dmt.train;

import ai.dmt.data.GlobalBatch;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How the samples of a step are cut into micro-batches. Never changes which samples form a step,
 * and no sample sees another. With {@link #BEST_FIT} and {@link #NONE} each label token of a step
 * weighs the same, so the cut does not change what is learnt either; with {@link #PAPER} it does.
 */
public enum Packing {
  /** As few micro-batches as best fit finds, each filled up to its limit of tokens. */
  BEST_FIT {
    @Override
    public List<StepPart> cut(GlobalBatch step, Rank rank, Limits limits) {
      List<SourcedSample> samples = rank.share(step.samples());
      return parts(SequencePacker.bestFit(samples, limits.maxTokens()), 1.0 / step.labelTokens());
    }

    @Override
    public boolean countsSamples() {
      return false;
    }
  },
  /**
   * A fixed number of samples per micro-batch (per_device_train_batch_size), samples of like length
   * together (group_by_length within the step), as they would lie in a padded matrix; the padding
   * itself is not computed.
   */
  NONE {
    @Override
    public List<StepPart> cut(GlobalBatch step, Rank rank, Limits limits) {
      return parts(grouped(rank.share(step.samples()), limits), 1.0 / step.labelTokens());
    }
  },
  /**
   * What FastChat's train.py and Hugging Face's Trainer of 2023 minimise: the mean over a step's
   * micro-batches of the mean over their label tokens. Samples fill micro-batches of
   * per_device_train_batch_size in the order of the step, whatever the ranks; the last may have
   * fewer. A label token weighs the more the fewer there are in its micro-batch, so the size of
   * micro-batches is part of what is learnt. The limit of tokens is not: a micro-batch that has
   * more goes through the model in several parts of equal weight. Padding would add nothing but
   * cost and is not computed.
   */
  PAPER {
    @Override
    public List<StepPart> cut(GlobalBatch step, Rank rank, Limits limits) {
      List<SourcedSample> samples = step.samples();
      int size = limits.maxSamples();
      int microBatches = (samples.size() + size - 1) / size;
      List<StepPart> parts = new ArrayList<>();
      for (int m = rank.number(); m < microBatches; m += rank.worldSize()) {
        List<SourcedSample> rows =
            samples.subList(m * size, Math.min((m + 1) * size, samples.size()));
        double weight = 1.0 / ((double) microBatches * new GlobalBatch(rows).labelTokens());
        parts.addAll(parts(SequencePacker.bestFit(rows, limits.maxTokens()), weight));
      }
      return parts;
    }
  };

  /**
   * Size of micro-batches.
   *
   * @param maxTokens that go through the model at once
   * @param maxSamples of a micro-batch, for {@link #NONE} and {@link #PAPER}
   */
  public record Limits(int maxTokens, int maxSamples) {}

  /**
   * Cuts one rank's part of a step. The parts of all ranks together have each sample once, and
   * their label tokens weigh 1.
   *
   * @param step all samples of the step
   * @param rank whose part it is
   * @param limits of the micro-batches
   * @return the rank's micro-batches, in the order in which they are computed; may be empty
   */
  public abstract List<StepPart> cut(GlobalBatch step, Rank rank, Limits limits);

  /** {@return whether {@link Limits#maxSamples} is read} */
  public boolean countsSamples() {
    return true;
  }

  /** {@return the name in recipes, such as "best_fit"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static List<StepPart> parts(List<List<SourcedSample>> bins, double tokenWeight) {
    return bins.stream().map(samples -> new StepPart(samples, tokenWeight)).toList();
  }

  private static List<List<SourcedSample>> grouped(List<SourcedSample> samples, Limits limits) {
    List<SourcedSample> longestFirst = new ArrayList<>(samples);
    longestFirst.sort(Comparator.comparingInt(Packing::length).reversed()); // stable
    List<List<SourcedSample>> groups = new ArrayList<>();
    for (int from = 0; from < longestFirst.size(); ) {
      // The longest comes first, so this is how many rows of its length fit.
      int rows = limits.maxTokens() / Math.max(1, length(longestFirst.get(from)));
      int count = Math.max(1, Math.min(rows, limits.maxSamples()));
      int to = Math.min(from + count, longestFirst.size());
      // One bin: all of them fit. Best fit is asked for its checks.
      groups.addAll(SequencePacker.bestFit(longestFirst.subList(from, to), limits.maxTokens()));
      from = to;
    }
    return groups;
  }

  private static int length(SourcedSample sourced) {
    return sourced.sample().inputTokens();
  }
}
