package ai.dmt.report;

/** Shares as the paper writes them: 0, 1/256, 1/4, 1. */
final class Fractions {
  private Fractions() {}

  /** {@code 1/n} where the share is one, a decimal number elsewhere. */
  static String text(double share) {
    if (share > 0 && share < 1) {
      long parts = Math.round(1 / share);
      if (Math.abs(share * parts - 1) < 1e-9) {
        return "1/" + parts;
      }
    }
    return Numbers.text(share);
  }
}
