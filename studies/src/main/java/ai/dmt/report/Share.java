package ai.dmt.report;

import ai.dmt.internal.text.Units;

/** Shares as the paper writes them. */
public final class Share {
  private static final int LARGEST_DENOMINATOR = 100_000;

  private Share() {}

  /**
   * {@return a share as text, such as "1/256" for 0.00390625, "0", "1", or the number itself where
   * it is no such share}
   *
   * @param share in [0, 1]
   */
  public static String text(double share) {
    if (share == 0 || share == 1) {
      return share == 0 ? "0" : "1";
    }
    long denominator = Math.round(1 / share);
    boolean unit = denominator <= LARGEST_DENOMINATOR && 1.0 / denominator == share;
    return unit ? "1/" + denominator : Units.format("%s", share);
  }
}
