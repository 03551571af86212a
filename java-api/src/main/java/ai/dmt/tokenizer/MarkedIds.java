package ai.dmt.tokenizer;

import java.util.Arrays;

/**
 * Ids of a text of which some characters are marked. The arrays are not copied and must not change.
 *
 * @param ids [tokens]
 * @param marked [tokens]: whether one of the characters that the token stands for is marked
 */
public record MarkedIds(int[] ids, boolean[] marked) {
  private static final MarkedIds NONE = new MarkedIds(new int[0], new boolean[0]);

  /** Checks that the arrays fit together. */
  public MarkedIds {
    if (ids.length != marked.length) {
      throw new IllegalArgumentException(
          "%s ids have %s marks".formatted(ids.length, marked.length));
    }
  }

  /** Ids of the empty text. */
  public static MarkedIds none() {
    return NONE;
  }

  /** Ids of a text that is marked as a whole, or not at all. */
  public static MarkedIds alike(int[] ids, boolean mark) {
    boolean[] marked = new boolean[ids.length];
    Arrays.fill(marked, mark);
    return new MarkedIds(ids, marked);
  }
}
