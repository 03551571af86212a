package ai.dmt.data;

import ai.dmt.internal.text.Faults;

/**
 * Which samples are trained on.
 *
 * @param sequenceLength longest sample in tokens, begin token included
 * @param overlong what happens to a longer one
 * @param allMasked what happens to one without a token that carries loss
 */
public record SampleLimits(int sequenceLength, Overlong overlong, AllMasked allMasked) {
  /** What happens to a sample that is too long. */
  public enum Overlong {
    /** {@link DataException}. */
    FAIL,
    /** Its end is cut off, as FastChat does, and it is counted. */
    TRUNCATE,
    /** It is left out and counted. */
    DROP
  }

  /** What happens to a sample without a token that carries loss. Cutting may bring it about. */
  public enum AllMasked {
    /** {@link DataException}, unless cutting brought it about: then it is left out and counted. */
    FAIL,
    /** It is left out and counted. */
    DROP
  }

  /**
   * Checks ranges.
   *
   * @param sequenceLength see {@link #sequenceLength()}
   * @param overlong see {@link #overlong()}
   * @param allMasked see {@link #allMasked()}
   * @throws ai.dmt.config.ConfigException if the length is below 2, or a value is missing
   */
  public SampleLimits {
    new Faults("samples")
        .require(sequenceLength >= 2, "sequenceLength must be 2 or more, got " + sequenceLength)
        .present("overlong", overlong)
        .present("allMasked", allMasked)
        .throwIfAny();
  }

  /**
   * {@return limits that cut at a length; a sample that has no loss at all is an error}
   *
   * @param sequenceLength see {@link #sequenceLength()}; at least 2
   */
  public static SampleLimits truncateAt(int sequenceLength) {
    return new SampleLimits(sequenceLength, Overlong.TRUNCATE, AllMasked.FAIL);
  }
}
