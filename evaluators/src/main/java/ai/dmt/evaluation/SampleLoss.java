package ai.dmt.evaluation;

/**
 * Loss of one sample.
 *
 * @param id of the sample
 * @param lossSum sum of negative log-likelihoods in nats
 * @param labelTokens terms of that sum, positive
 */
public record SampleLoss(String id, double lossSum, long labelTokens) {
  /** {@return the mean loss in nats per label token} */
  public double mean() {
    return lossSum / labelTokens;
  }
}
