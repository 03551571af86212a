package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 is greedy: the largest logit, the lowest id among equals
 * @param topP in (0, 1]: the smallest set of tokens with at least this probability
 * @param seed of this request alone
 */
public record SamplingConfig(double temperature, double topP, long seed) {
  /**
   * Checks ranges.
   *
   * @param temperature finite, at least 0
   * @param topP in (0, 1]
   * @param seed any
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public SamplingConfig {
    new Faults("sampling")
        .notNegative("temperature", temperature)
        .require(topP > 0 && topP <= 1, "topP must be in (0, 1], got " + topP)
        .throwIfAny();
  }

  /** {@return the settings that choose the likeliest token each time} */
  public static SamplingConfig greedy() {
    return new SamplingConfig(0, 1, 0);
  }

  /**
   * {@return a copy with another {@link #seed()}}
   *
   * @param value any; without effect on a greedy choice
   */
  public SamplingConfig withSeed(long value) {
    return new SamplingConfig(temperature, topP, value);
  }
}
