package ai.dmt.train;

import ai.dmt.config.ConfigException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which samples form which step of a stage: each epoch goes through the mixture once in an order of
 * its own, and its last step may be smaller (paper.md 2.2: the ceiling per epoch). A pure function
 * of (mixture, seed, step), whatever the world size and the size of micro-batches.
 *
 * <p>Any step can be asked for at once. A shuffle of the epoch (one int per sample, 0.9 MB and some
 * milliseconds for the paper's 216,224 rows) is kept for the epoch that was asked for last; a
 * permutation computed per sample would save that memory and cost a dozen hashes for each sample.
 */
public final class StageBatches {
  private final Stage stage;
  private final List<SampleTable> tables;
  private final Selection selection;
  private final int globalBatchSize;
  private final SampleOrder order;
  private long cachedEpoch = -1;
  private int[] cachedOrder;

  StageBatches(Stage stage, List<SampleTable> tables, Schedule schedule, int globalBatchSize) {
    this.stage = stage;
    this.tables = tables;
    this.selection = Selection.of(stage.name(), stage.mixture(), tables, schedule.subsetSeed());
    this.globalBatchSize = globalBatchSize;
    this.order = new SampleOrder(selection.size(), schedule.seed());
  }

  /** The stage that these are the batches of. */
  public Stage stage() {
    return stage;
  }

  /** Samples of an epoch, repeats included. */
  public int samplesPerEpoch() {
    return selection.size();
  }

  /** All samples of an epoch before they are shuffled, source after source. */
  public List<SampleRef> epoch() {
    return IntStream.range(0, selection.size()).mapToObj(selection::at).toList();
  }

  /** Optimizer steps of an epoch; the last may be smaller. */
  public long stepsPerEpoch() {
    return (selection.size() + globalBatchSize - 1L) / globalBatchSize;
  }

  /** Optimizer steps of the stage. */
  public long steps() {
    long all = Math.multiplyExact(stepsPerEpoch(), stage.settings().epochs());
    long most = stage.settings().maxSteps();
    return most == 0 ? all : Math.min(all, most);
  }

  /**
   * Samples of a step.
   *
   * @param step 0 for the first of the stage
   */
  public List<SampleRef> samplesOf(long step) {
    if (step < 0 || step >= steps()) {
      throw new IllegalArgumentException(
          "stage \"%s\" has steps 0 to %d, got %d".formatted(stage.name(), steps() - 1, step));
    }
    int[] places = orderOf(step / stepsPerEpoch());
    int from = (int) (step % stepsPerEpoch()) * globalBatchSize;
    List<SampleRef> batch = new ArrayList<>();
    for (int i = from; i < Math.min(from + globalBatchSize, places.length); i++) {
      batch.add(selection.at(places[i]));
    }
    return batch;
  }

  /**
   * A rank's part of a step. The parts of all ranks together are the samples of the step, each
   * once; they have about the same number of tokens where lengths are known. A rank may have none
   * if the step has fewer samples than there are ranks.
   *
   * @throws ConfigException if the rank is not in [0, worldSize)
   */
  public List<SampleRef> shardFor(long step, int rank, int worldSize) {
    if (rank < 0 || rank >= worldSize) {
      throw new ConfigException(
          "rank must be in [0, worldSize), got rank %d of %d".formatted(rank, worldSize));
    }
    List<SampleRef> longestFirst = new ArrayList<>(samplesOf(step));
    longestFirst.sort(Comparator.comparingInt(this::tokens).reversed()); // stable
    long[] loads = new long[worldSize];
    List<SampleRef> shard = new ArrayList<>();
    for (SampleRef sample : longestFirst) {
      int least = 0;
      for (int r = 1; r < worldSize; r++) {
        least = loads[r] < loads[least] ? r : least;
      }
      loads[least] += tokens(sample);
      if (least == rank) {
        shard.add(sample);
      }
    }
    return shard;
  }

  private int tokens(SampleRef sample) {
    SampleTable table = tables.get(sample.source());
    return table.hasTokens() ? table.length(sample.sample(), Measure.TOKENS) : 1;
  }

  private int[] orderOf(long epoch) {
    if (epoch != cachedEpoch) {
      cachedOrder = order.epoch(epoch);
      cachedEpoch = epoch;
    }
    return cachedOrder;
  }
}
