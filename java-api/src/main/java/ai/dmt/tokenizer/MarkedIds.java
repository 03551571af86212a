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

  /**
   * Checks that the arrays fit together.
   *
   * @param ids see {@link #ids()}
   * @param marked see {@link #marked()}
   * @throws IllegalArgumentException if they differ in length
   */
  public MarkedIds {
    if (ids.length != marked.length) {
      throw new IllegalArgumentException(
          "%s ids have %s marks".formatted(ids.length, marked.length));
    }
  }

  /** {@return ids of the empty text: none} */
  public static MarkedIds none() {
    return NONE;
  }

  /**
   * {@return ids of a text that is marked as a whole, or not at all}
   *
   * @param ids [tokens]
   * @param mark of all of them
   */
  public static MarkedIds alike(int[] ids, boolean mark) {
    boolean[] marked = new boolean[ids.length];
    Arrays.fill(marked, mark);
    return new MarkedIds(ids, marked);
  }
}
