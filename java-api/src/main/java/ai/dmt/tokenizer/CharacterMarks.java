package ai.dmt.tokenizer;

import java.util.BitSet;

/** Which characters of a text are marked, by code points, as tokenizers count them. */
final class CharacterMarks {
  private final BitSet marked;
  private final int length;

  /**
   * Makes marks.
   *
   * @param text not empty
   * @param marked in UTF-16
   */
  CharacterMarks(String text, BitSet marked) {
    this.length = text.codePointCount(0, text.length());
    this.marked = length == text.length() ? marked : new BitSet();
    for (int i = 0, c = 0; this.marked != marked && c < length; c++) {
      this.marked.set(c, marked.get(i));
      i += Character.charCount(text.codePointAt(i));
    }
  }

  /** Code points of the text. */
  int length() {
    return length;
  }

  /**
   * Whether one of some characters is marked. A space that a tokenizer puts in front of the text
   * counts as the first character.
   */
  boolean any(int from, int to) {
    int first = Math.max(0, Math.min(from, length - 1));
    int found = marked.nextSetBit(first);
    return found >= 0 && found < Math.max(to, first + 1);
  }
}
