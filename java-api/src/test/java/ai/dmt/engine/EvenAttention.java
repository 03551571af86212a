package ai.dmt.engine;

/** What heads do that attend to all that is before them alike. */
final class EvenAttention {
  private EvenAttention() {}

  /** Measures of a document. @param positions of it, from 1 */
  static AttentionMeasures over(int positions) {
    double entropy = 0;
    double first = 0;
    for (int seen = 1; seen <= positions; seen++) {
      entropy += Math.log(seen) / positions;
      first += 1.0 / seen / positions;
    }
    return new AttentionMeasures(entropy, (positions - 1) / 4.0, first, 0);
  }
}
