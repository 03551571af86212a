package ai.dmt.data;

/**
 * A conversation as tokens. The arrays are not copied and must not change.
 *
 * @param id of the conversation
 * @param origin where it was read
 * @param tokenIds [tokens], the begin token included
 * @param carriesLoss [tokens]: whether the model is trained to say this token
 */
public record EncodedSample(String id, Origin origin, int[] tokenIds, boolean[] carriesLoss) {
  /**
   * Checks that the arrays fit together and that the first token, which nothing predicts, has no
   * loss.
   *
   * @param id see {@link #id()}
   * @param origin see {@link #origin()}
   * @param tokenIds see {@link #tokenIds()}
   * @param carriesLoss see {@link #carriesLoss()}
   * @throws IllegalArgumentException if they do not, or if it has
   */
  public EncodedSample {
    if (tokenIds.length != carriesLoss.length) {
      throw new IllegalArgumentException(
          "sample %s has %s tokens and %s loss marks"
              .formatted(id, tokenIds.length, carriesLoss.length));
    }
    if (tokenIds.length > 0 && carriesLoss[0]) {
      throw new IllegalArgumentException(
          "sample " + id + " has loss on its first token, which no token predicts");
    }
  }

  /** {@return the number of tokens that carry loss} */
  public int labelTokens() {
    int count = 0;
    for (boolean loss : carriesLoss) {
      if (loss) {
        count++;
      }
    }
    return count;
  }

  /**
   * {@return the number of tokens that have to be computed: all before the last one that carries
   * loss, since what comes after has no influence on any loss; 0 if nothing carries loss}
   */
  public int inputTokens() {
    for (int t = tokenIds.length - 1; t > 0; t--) {
      if (carriesLoss[t]) {
        return t;
      }
    }
    return 0;
  }
}
