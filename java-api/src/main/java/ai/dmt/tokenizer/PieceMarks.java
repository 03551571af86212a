package ai.dmt.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Tells which tokens stand for marked characters without asking the library, for vocabularies whose
 * pieces are spelt as the text is but for spaces, see [Note: words] in {@link WordCache}.
 */
final class PieceMarks {
  private static final int OF_CHARACTER = 0; // a byte that begins no character

  private final int[] begun; // characters that a token begins, by id

  /** Makes one. @param vocabulary pieces, and bytes as {@code <0x0A>} */
  PieceMarks(Map<String, Integer> vocabulary) {
    this.begun = new int[vocabulary.values().stream().mapToInt(id -> id + 1).max().orElse(0)];
    vocabulary.forEach((piece, id) -> begun[id] = piece.codePointCount(0, piece.length()));
    for (int b = 0; b < 256; b++) {
      // They are there, see TextEncoder.
      begun[Objects.requireNonNull(vocabulary.get(ofByte(b)))] =
          (b & 0xC0) == 0x80 ? OF_CHARACTER : 1;
    }
  }

  /** The piece of a byte. */
  static String ofByte(int value) {
    return String.format(Locale.ROOT, "<0x%02X>", value);
  }

  /** The ids of a text with their marks. */
  MarkedIds mark(String text, int[] ids, BitSet marked) {
    int count = marked.cardinality();
    if (count == 0 || count == text.length()) {
      return MarkedIds.alike(ids, count > 0);
    }
    CharacterMarks marks = new CharacterMarks(text, marked);
    int at = marks.length() - Arrays.stream(ids).map(id -> begun[id]).sum(); // -1 with a space
    if (at != 0 && at != -1) {
      throw new IllegalStateException(
          "%s tokens stand for %s characters, the text has %s"
              .formatted(ids.length, marks.length() - at, marks.length()));
    }
    boolean[] tokens = new boolean[ids.length];
    for (int t = 0; t < ids.length; t++) {
      int more = begun[ids[t]];
      tokens[t] = marks.any(more == OF_CHARACTER ? at - 1 : at, at + more);
      at += more;
    }
    return new MarkedIds(ids, tokens);
  }
}
