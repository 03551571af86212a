package ai.dmt.data;

import ai.dmt.internal.text.Faults;

/**
 * How long conversations are split on the border between pairs of question and answer.
 *
 * @param maxTokens most tokens of a piece, each turn counted as its tokens, its begin token and 6
 *     for what the template adds; 0 does not split
 * @param lastPair what happens to a last pair that no longer fits
 */
public record SplitConfig(int maxTokens, LastPair lastPair) {
  /** What happens to a last pair that no longer fits into the piece before it. */
  public enum LastPair {
    /** It is lost, as FastChat's loop ends before it is written; counted. */
    LOSE,
    /** It is a piece of its own. */
    KEEP
  }

  /** Conversations stay whole. */
  public static final SplitConfig NONE = new SplitConfig(0, LastPair.KEEP);

  /**
   * Checks ranges.
   *
   * @param maxTokens see {@link #maxTokens()}
   * @param lastPair see {@link #lastPair()}
   * @throws ai.dmt.config.ConfigException if a value is negative or missing
   */
  public SplitConfig {
    new Faults("split")
        .notNegative("maxTokens", maxTokens)
        .present("lastPair", lastPair)
        .throwIfAny();
  }
}
