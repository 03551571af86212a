package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/**
 * Size of a step and how it is cut.
 *
 * @param globalBatchSize samples of one optimizer step
 * @param maxTokensPerMicroBatch most tokens that go through the model at once; bounds memory, and
 *     does not change what is learnt
 * @param sequenceLength longest sample in tokens
 */
public record BatchConfig(int globalBatchSize, int maxTokensPerMicroBatch, int sequenceLength) {
  /**
   * Checks ranges, and that the longest sample fits into a micro-batch.
   *
   * @param globalBatchSize at least 1
   * @param maxTokensPerMicroBatch at least {@code sequenceLength}
   * @param sequenceLength at least 1
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public BatchConfig {
    new Faults("batch")
        .positive("globalBatchSize", globalBatchSize)
        .positive("sequenceLength", sequenceLength)
        .require(
            maxTokensPerMicroBatch >= sequenceLength,
            "maxTokensPerMicroBatch=%s must be at least sequenceLength=%s: a sample is never split"
                .formatted(maxTokensPerMicroBatch, sequenceLength))
        .throwIfAny();
  }
}
