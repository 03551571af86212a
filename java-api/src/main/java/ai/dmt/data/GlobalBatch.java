package ai.dmt.data;

import java.util.List;

/**
 * The samples of one optimizer step.
 *
 * @param samples at least one
 */
public record GlobalBatch(List<SourcedSample> samples) {
  /**
   * Copies the list.
   *
   * @param samples see {@link #samples()}
   * @throws IllegalArgumentException if it is empty
   */
  public GlobalBatch {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("a global batch needs at least one sample");
    }
  }

  /** {@return the number of tokens that carry loss, of all samples} */
  public long labelTokens() {
    return samples.stream().mapToLong(sourced -> sourced.sample().labelTokens()).sum();
  }
}
