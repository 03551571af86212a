package ai.dmt.tokenizer;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Encodes a text word by word and remembers words, which makes encoding of ordinary text many times
 * faster: merging within a long text is what costs.
 *
 * <p>[Note: words] A library of byte-pair encoding puts a U+2581 in front of the text and in place
 * of each space, and then merges neighbours into ever longer pieces of its vocabulary. Where no
 * piece has a U+2581 after another character, no merge goes across the border in front of a run of
 * spaces. What stands between two such borders, its first space aside, is then encoded as a text of
 * its own and gives the same ids. The same holds for the border in front of a line feed, where no
 * piece has one: there the id of the U+2581 that the library puts in front is left out again.
 * {@link #appliesTo} says whether a vocabulary is such a one.
 */
final class WordCache {
  private static final char SPACE_MARK = '\u2581';
  private static final int LONGEST = 40; // characters of a word that is remembered
  private static final int MOST = 1 << 17; // some 20 MB

  private final Function<String, int[]> library;
  private final Map<String, int[]> known = new ConcurrentHashMap<>();

  /** Makes a cache. @param library that encodes a whole text */
  WordCache(Function<String, int[]> library) {
    this.library = library;
  }

  /**
   * Whether the mark of a space is a piece, and none has it after another character, or has a line
   * feed.
   */
  static boolean appliesTo(Collection<String> pieces) {
    return pieces.contains(String.valueOf(SPACE_MARK))
        && pieces.stream().noneMatch(piece -> hasInnerSpace(piece) || hasLineFeed(piece));
  }

  private static boolean hasLineFeed(String piece) {
    return piece.length() > 1 && piece.indexOf('\n') >= 0;
  }

  private static boolean hasInnerSpace(String piece) {
    for (int i = 1; i < piece.length(); i++) {
      if (piece.charAt(i) == SPACE_MARK && piece.charAt(i - 1) != SPACE_MARK) {
        return true;
      }
    }
    return false;
  }

  /** What the library gives for the whole text. */
  int[] encode(String text) {
    if (text.indexOf(SPACE_MARK) >= 0) {
      return library.apply(text); // it is read as a space, but does not look like one
    }
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--; // spaces at the end belong to the last word
    }
    int[] ids = new int[text.length() / 3 + 8];
    int size = 0;
    int extra = 0; // ids at a word's beginning that are not the text's
    for (int from = 0; ; ) {
      int to = nextBorder(text, from, end);
      int[] word = encodeWord(text.substring(from, to));
      if (size + word.length > ids.length) {
        ids = Arrays.copyOf(ids, 2 * ids.length + word.length);
      }
      System.arraycopy(word, extra, ids, size, word.length - extra);
      size += word.length - extra;
      if (to == text.length()) {
        return Arrays.copyOf(ids, size);
      }
      boolean space = text.charAt(to) == ' ';
      from = space ? to + 1 : to; // the library puts a space in front again
      extra = space ? 0 : 1;
    }
  }

  /**
   * The next space that stands after something else and before something else, or the next line
   * feed that does not stand after a space.
   */
  private static int nextBorder(String text, int from, int end) {
    for (int i = from + 1; i < end; i++) {
      char c = text.charAt(i);
      if ((c == ' ' || c == '\n') && text.charAt(i - 1) != ' ') {
        return i;
      }
    }
    return text.length();
  }

  private int[] encodeWord(String word) {
    if (word.length() > LONGEST) {
      return library.apply(word);
    }
    int[] ids = known.get(word);
    if (ids == null) {
      ids = library.apply(word);
      if (known.size() < MOST) {
        known.put(word, ids);
      }
    }
    return ids;
  }
}
