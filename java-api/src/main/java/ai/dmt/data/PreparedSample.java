package ai.dmt.data;

/**
 * A sample with what an audit wants to know of it and its tokens do not tell.
 *
 * @param sample within the limits
 * @param turns of its conversation, the system's included
 * @param wholeTokens tokens before it was cut
 * @param wholeLabelTokens tokens with loss before it was cut
 * @param conversationHash equal for conversations with equal turns
 * @param promptHash equal for conversations in which all but the assistant's turns are equal
 */
public record PreparedSample(
    EncodedSample sample,
    int turns,
    int wholeTokens,
    int wholeLabelTokens,
    long conversationHash,
    long promptHash) {
  /** {@return whether its end was cut off} */
  public boolean truncated() {
    return wholeTokens > sample.tokenIds().length;
  }
}
