package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/**
 * Where a schedule goes on: all that a resume needs to know of the order of samples.
 *
 * @param stage 0 for the first
 * @param step of the stage that comes next, 0 for the first
 */
public record Cursor(int stage, long step) {
  /** The beginning of a schedule. */
  public static final Cursor START = new Cursor(0, 0);

  /**
   * Checks ranges.
   *
   * @param stage at least 0
   * @param step at least 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Cursor {
    new Faults("cursor").notNegative("stage", stage).notNegative("step", step).throwIfAny();
  }
}
