package ai.dmt.world;

import ai.dmt.internal.text.Faults;

/**
 * How much the paper's world has of each kind.
 *
 * @param math rows to train on
 * @param code rows to train on
 * @param general rows to train on
 * @param heldOut rows of each source for held-out loss
 * @param mathTest problems
 * @param codeTest problems
 * @param generalTest questions of one or two turns
 */
record PaperSize(
    int math, int code, int general, int heldOut, int mathTest, int codeTest, int generalTest) {
  /** Rows of the paper's sources. */
  private static final double[] PAPER = {110142, 20022, 86060};

  PaperSize {
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
   * A size with training data in the paper's proportion; tests are as large for every scale.
   *
   * @param scale share of the paper's rows
   */
  static PaperSize scaled(double scale) {
    return new PaperSize(
        rows(scale, 0), rows(scale, 1), rows(scale, 2), World.HELD_OUT_ROWS, 400, 300, 300);
  }

  private static int rows(double scale, int source) {
    return Math.toIntExact(Math.round(PAPER[source] * scale));
  }
}
