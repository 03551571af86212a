package ai.dmt.study.executor;

import ai.dmt.internal.text.Faults;

/**
 * What a job takes of a node.
 *
 * @param cpus threads
 * @param memoryBytes of the host
 * @param gpus 0 for none
 * @param minutes that it may take at most, with a margin; 0 where nothing predicts it
 */
public record JobResources(int cpus, long memoryBytes, int gpus, long minutes) {
  /**
   * Checks ranges.
   *
   * @param cpus at least 1
   * @param memoryBytes at least 1
   * @param gpus at least 0
   * @param minutes at least 0
   */
  public JobResources {
    new Faults("resources of a job")
        .positive("cpus", cpus)
        .positive("memoryBytes", memoryBytes)
        .notNegative("gpus", gpus)
        .notNegative("minutes", minutes)
        .throwIfAny();
  }
}
