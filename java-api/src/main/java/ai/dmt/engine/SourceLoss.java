package ai.dmt.engine;

/**
 * Loss of one source.
 *
 * @param source its name
 * @param lossSum sum of negative log-likelihoods in nats
 * @param labelTokens terms of that sum; 0 where the source had no label
 */
public record SourceLoss(String source, double lossSum, long labelTokens) {
  /** {@return the mean over the label tokens in nats; NaN where there were none} */
  public double mean() {
    return labelTokens == 0 ? Double.NaN : lossSum / labelTokens;
  }

  /**
   * {@return both together, under this one's name}
   *
   * @param other of any name
   */
  public SourceLoss plus(SourceLoss other) {
    return new SourceLoss(source, lossSum + other.lossSum, labelTokens + other.labelTokens);
  }
}
