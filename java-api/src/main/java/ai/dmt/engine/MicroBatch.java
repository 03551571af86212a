package ai.dmt.engine;

/**
 * Some documents, laid end to end without padding. A token attends to the tokens before it in its
 * own document, and positions start at 0 in each. The arrays are not copied and must not change.
 * Only {@link #NOTHING} has no document.
 *
 * @param tokenIds [tokens], each in [0, vocabSize)
 * @param labels [tokens]: the token that follows (labels are already shifted), or {@link
 *     #IGNORE_INDEX}
 * @param documentOffsets [documents + 1], rising from 0 to the number of tokens; no document is
 *     empty
 * @param documentSources [documents], each in [0, sources)
 */
public record MicroBatch(
    int[] tokenIds, int[] labels, int[] documentOffsets, int[] documentSources) {

  /** Label of a position that carries no loss. */
  public static final int IGNORE_INDEX = -100;

  /**
   * What a rank gives that has no tokens for a call which all ranks make, see {@link
   * TrainingEngine}.
   */
  public static final MicroBatch NOTHING =
      new MicroBatch(new int[0], new int[0], new int[] {0}, new int[0]);

  /**
   * Checks that the arrays fit together; ids are checked by the engine, which knows the vocabulary.
   *
   * @param tokenIds [tokens]; may be empty
   * @param labels [tokens]
   * @param documentOffsets [documents + 1], rising from 0 to tokens
   * @param documentSources [documents]
   * @throws IllegalArgumentException if the lengths do not fit, or a document is empty
   */
  public MicroBatch {
    int tokens = tokenIds.length;
    int documents = documentSources.length;
    if (labels.length != tokens) {
      throw new IllegalArgumentException(
          "micro-batch has %s labels for %s tokens".formatted(labels.length, tokens));
    }
    if (documentOffsets.length != documents + 1) {
      throw new IllegalArgumentException(
          "micro-batch of %s documents has %s offsets, expected one more than documents"
              .formatted(documents, documentOffsets.length));
    }
    if (documentOffsets[0] != 0 || documentOffsets[documents] != tokens) {
      throw new IllegalArgumentException(
          "document offsets must run from 0 to %s tokens, got %s to %s"
              .formatted(tokens, documentOffsets[0], documentOffsets[documents]));
    }
    for (int d = 0; d < documents; d++) {
      if (documentOffsets[d + 1] <= documentOffsets[d]) {
        throw new IllegalArgumentException(
            "document %s is empty: its offsets are %s and %s"
                .formatted(d, documentOffsets[d], documentOffsets[d + 1]));
      }
    }
  }

  /**
   * Makes a batch of one document of source 0.
   *
   * @param tokenIds [tokens], not empty
   * @param labels [tokens], already shifted
   * @return a batch that shares both arrays
   * @throws IllegalArgumentException if there are no tokens, or not as many labels
   */
  public static MicroBatch of(int[] tokenIds, int[] labels) {
    return new MicroBatch(tokenIds, labels, new int[] {0, tokenIds.length}, new int[] {0});
  }

  /** {@return how many documents are laid end to end} */
  public int documents() {
    return documentSources.length;
  }

  /** {@return how many tokens all documents have together} */
  public int tokens() {
    return tokenIds.length;
  }

  /** {@return how many positions carry loss} */
  public long labelTokens() {
    long count = 0;
    for (int label : labels) {
      if (label != IGNORE_INDEX) {
        count++;
      }
    }
    return count;
  }
}
