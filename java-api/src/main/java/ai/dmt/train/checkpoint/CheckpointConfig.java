package ai.dmt.train.checkpoint;

import ai.dmt.internal.text.Faults;

/**
 * When checkpoints are written.
 *
 * @param saveSteps after each so many optimizer steps of the run (save_steps); 0 for none but that
 *     of a run that is stopped
 * @param saveTotalLimit how many are kept (save_total_limit); older ones are deleted
 * @param async whether training goes on while a checkpoint is written, which takes as much host
 *     memory as this rank's part of it: 12 bytes per parameter it owns (async_save)
 */
public record CheckpointConfig(long saveSteps, int saveTotalLimit, boolean async) {
  /**
   * Checks ranges.
   *
   * @param saveSteps at least 0
   * @param saveTotalLimit at least 1
   * @param async true to train on meanwhile
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public CheckpointConfig {
    new Faults("checkpoints")
        .notNegative("save_steps", saveSteps)
        .positive("save_total_limit", saveTotalLimit)
        .throwIfAny();
  }

  /** {@return the defaults: every 500 steps, two are kept, in the background} */
  public static CheckpointConfig defaults() {
    return new CheckpointConfig(500, 2, true);
  }
}
