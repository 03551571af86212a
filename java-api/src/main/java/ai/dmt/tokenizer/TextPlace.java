package ai.dmt.tokenizer;

/**
 * What stands on both sides of a text. Tokenizers put a space in front of a text, or not, depending
 * on what is there, and some control tokens take the white space beside them.
 *
 * @param before {@link #NOTHING} or a control token's id
 * @param after {@link #NOTHING} or a control token's id
 */
public record TextPlace(int before, int after) {
  /** The text begins or ends here; begin and end tokens that the tokenizer adds do not count. */
  public static final int NOTHING = -1;

  /** A text of its own. */
  public static final TextPlace ALONE = new TextPlace(NOTHING, NOTHING);
}
