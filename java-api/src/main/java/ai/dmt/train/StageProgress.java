package ai.dmt.train;

/**
 * How far a stage is.
 *
 * @param stage 0 for the first
 * @param name of the stage
 * @param step optimizer steps done in the stage
 * @param steps of the stage
 * @param epoch passes over the stage's mixture done, such as 1.25
 */
public record StageProgress(int stage, String name, long step, long steps, double epoch) {
  /** Of a run that has no stages. */
  public static final StageProgress NONE = new StageProgress(0, "", 0, 0, 0);
}
