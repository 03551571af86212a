package ai.dmt.train;

import ai.dmt.data.GlobalBatch;
import ai.dmt.data.SourcedSample;
import java.util.ArrayList;
import java.util.List;

/**
 * Which samples form which step: each epoch goes through all samples once in an order of its own,
 * and its last step may be smaller. A pure function of samples, seed and step.
 */
final class BatchPlan {
  private final List<SourcedSample> samples;
  private final int globalBatchSize;
  private final SampleOrder order;
  private long cachedEpoch = -1;
  private int[] cachedOrder;

  BatchPlan(List<SourcedSample> samples, int globalBatchSize, long seed) {
    this.samples = List.copyOf(samples);
    this.globalBatchSize = globalBatchSize;
    this.order = new SampleOrder(samples.size(), seed);
  }

  long stepsPerEpoch() {
    return (samples.size() + globalBatchSize - 1L) / globalBatchSize;
  }

  /** Samples of a step. @param step 0 for the first */
  GlobalBatch at(long step) {
    int[] indices = orderOf(step / stepsPerEpoch());
    int from = (int) (step % stepsPerEpoch()) * globalBatchSize;
    List<SourcedSample> batch = new ArrayList<>();
    for (int i = from; i < Math.min(from + globalBatchSize, indices.length); i++) {
      batch.add(samples.get(indices[i]));
    }
    return new GlobalBatch(batch);
  }

  private int[] orderOf(long epoch) {
    if (epoch != cachedEpoch) {
      cachedOrder = order.epoch(epoch);
      cachedEpoch = epoch;
    }
    return cachedOrder;
  }
}
