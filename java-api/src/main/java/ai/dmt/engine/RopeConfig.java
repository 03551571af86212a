package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * Rotary position embedding and how its frequencies are stretched for long contexts.
 *
 * @param theta base of the frequencies, such as 10000
 * @param scaling kind of stretching; the next four are read for some kinds only
 * @param factor how much longer the context gets; for {@link Scaling#LINEAR} and {@link
 *     Scaling#LLAMA3}
 * @param lowFreqFactor for {@link Scaling#LLAMA3}
 * @param highFreqFactor for {@link Scaling#LLAMA3}, more than {@code lowFreqFactor}
 * @param originalMaxPositionEmbeddings context before stretching in tokens, for {@link
 *     Scaling#LLAMA3}
 */
public record RopeConfig(
    double theta,
    Scaling scaling,
    double factor,
    double lowFreqFactor,
    double highFreqFactor,
    int originalMaxPositionEmbeddings) {

  /** Kind of stretching, as {@code rope_type} in config.json. */
  public enum Scaling {
    /** None ("default"). */
    NONE,
    /** All frequencies are divided by the factor ("linear"). */
    LINEAR,
    /** Low frequencies are divided, high ones kept, those between blended ("llama3"). */
    LLAMA3
  }

  /**
   * Checks the values that the kind of scaling reads.
   *
   * @param theta finite, above 0
   * @param scaling not null
   * @param factor finite, above 0, where it is read
   * @param lowFreqFactor finite, above 0, where it is read
   * @param highFreqFactor more than {@code lowFreqFactor}, where it is read
   * @param originalMaxPositionEmbeddings at least 1, where it is read
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public RopeConfig {
    Faults faults = new Faults("rope").positive("theta", theta).present("scaling", scaling);
    if (scaling == Scaling.LINEAR || scaling == Scaling.LLAMA3) {
      faults.positive("factor", factor);
    }
    if (scaling == Scaling.LLAMA3) {
      faults
          .positive("lowFreqFactor", lowFreqFactor)
          .require(
              highFreqFactor > lowFreqFactor,
              "highFreqFactor=%s must be more than lowFreqFactor=%s"
                  .formatted(highFreqFactor, lowFreqFactor))
          .positive("originalMaxPositionEmbeddings", originalMaxPositionEmbeddings);
    }
    faults.throwIfAny();
  }

  /**
   * {@return plain rotary embedding, without stretching}
   *
   * @param theta base of the frequencies, finite and above 0; mostly 10000
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static RopeConfig of(double theta) {
    return new RopeConfig(theta, Scaling.NONE, 1, 1, 4, 0);
  }

  /**
   * {@return embedding whose positions are divided by a factor}
   *
   * @param theta base of the frequencies, finite and above 0
   * @param factor how much longer the context gets; finite, above 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static RopeConfig linear(double theta, double factor) {
    return new RopeConfig(theta, Scaling.LINEAR, factor, 1, 4, 0);
  }

  /**
   * {@return embedding stretched as that of Llama 3.1, with its factors of 1 and 4 for low and high
   * frequencies}
   *
   * @param theta base of the frequencies, finite and above 0
   * @param factor how much longer the context gets; finite, above 0
   * @param originalMaxPositionEmbeddings context before stretching in tokens, at least 1
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static RopeConfig llama3(double theta, double factor, int originalMaxPositionEmbeddings) {
    return new RopeConfig(theta, Scaling.LLAMA3, factor, 1, 4, originalMaxPositionEmbeddings);
  }
}
