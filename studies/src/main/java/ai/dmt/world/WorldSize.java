package ai.dmt.world;

import ai.dmt.internal.text.Faults;

/**
 * How much a world has of each kind.
 *
 * @param math rows to train on
 * @param code rows to train on
 * @param general rows to train on
 * @param heldOut rows of each source for held-out loss
 * @param mathTest problems
 * @param codeTest problems
 * @param generalTest questions of one or two turns
 */
public record WorldSize(
    int math, int code, int general, int heldOut, int mathTest, int codeTest, int generalTest) {
  /** Rows of the paper's sources. */
  private static final double[] PAPER = {110142, 20022, 86060};

  /** The scale of the shipped world. */
  public static final double TINY = 1.0 / 40;

  /**
   * Checks that there is one of each.
   *
   * @param math rows to train on
   * @param code rows to train on
   * @param general rows to train on
   * @param heldOut rows of each source for held-out loss
   * @param mathTest problems
   * @param codeTest problems
   * @param generalTest questions of one or two turns
   */
  public WorldSize {
    new Faults("world")
        .positive("math", math)
        .positive("code", code)
        .positive("general", general)
        .positive("heldOut", heldOut)
        .positive("mathTest", mathTest)
        .positive("codeTest", codeTest)
        .positive("generalTest", generalTest)
        .throwIfAny();
  }

  /**
   * {@return a size with training data in the paper's proportion; tests are as large for every
   * scale}
   *
   * @param scale share of the paper's rows, in (0, 1]
   */
  public static WorldSize scaled(double scale) {
    new Faults("world")
        .require(scale > 0 && scale <= 1, "scale must be in (0, 1], got " + scale)
        .throwIfAny();
    return new WorldSize(rows(scale, 0), rows(scale, 1), rows(scale, 2), 128, 400, 300, 300);
  }

  private static int rows(double scale, int source) {
    return Math.toIntExact(Math.round(PAPER[source] * scale));
  }
}
