package ai.dmt.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Encodes a text word by word and remembers words, which makes encoding of ordinary text many times
 * faster: merging within a long text is what costs.
 *
 * <p>[Note: words] A library of byte-pair encoding puts a U+2581 in front of the text and in place
 * of each space, and then merges neighbours into ever longer pieces of its vocabulary. Where two
 * characters stand side by side in no piece, no merge goes across the border between them. So what
 * stands between two such borders is encoded as a text of its own and gives the same ids:
 *
 * <ul>
 *   <li>in front of a space, its first space aside, since the library puts it in front again; this
 *       needs that no piece has a U+2581 after another character, see {@link #appliesTo}
 *   <li>in front of another character that no piece has after a U+2581, such as a line feed or most
 *       Chinese characters; the id of the U+2581 in front is left out again
 * </ul>
 */
final class WordCache {
  private static final char SPACE_MARK = '\u2581';
  private static final int LONGEST = 40; // characters of a word that is remembered
  private static final int MOST = 1 << 17; // words of a generation, some 20 MB

  private final Function<String, int[]> library;
  private final BitSet joined = new BitSet(); // characters that pieces have after a SPACE_MARK
  private final Set<Integer> pairs = new HashSet<>(); // that pieces have, of other characters
  private volatile Known known = new Known(new ConcurrentHashMap<>(), Map.of());

  /** Words that were met lately, and those that were met before them. */
  private record Known(Map<String, int[]> young, Map<String, int[]> old) {}

  /**
   * Makes a cache.
   *
   * @param library that encodes a whole text
   * @param pieces of its vocabulary
   */
  WordCache(Function<String, int[]> library, Collection<String> pieces) {
    this.library = library;
    for (String piece : pieces) {
      for (int i = 1; i < piece.length(); i++) {
        if (piece.charAt(i - 1) == SPACE_MARK) {
          joined.set(piece.charAt(i));
        } else {
          pairs.add(pair(piece.charAt(i - 1), piece.charAt(i)));
        }
      }
    }
  }

  /** Whether the mark of a space is a piece, and no piece has it after another character. */
  static boolean appliesTo(Collection<String> pieces) {
    return pieces.contains(String.valueOf(SPACE_MARK))
        && pieces.stream().noneMatch(WordCache::hasInnerSpace);
  }

  private static boolean hasInnerSpace(String piece) {
    for (int i = 1; i < piece.length(); i++) {
      if (piece.charAt(i) == SPACE_MARK && piece.charAt(i - 1) != SPACE_MARK) {
        return true;
      }
    }
    return false;
  }

  private static int pair(char first, char second) {
    return first << 16 | second;
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

  /** The next border, none of which is at a space after a space, or after the end. */
  private int nextBorder(String text, int from, int end) {
    for (int i = from + 1; i < end; i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '\n' || c > 0x7F) { // in front of other characters borders are rare
        char before = text.charAt(i - 1);
        if (before != ' ' && (c == ' ' || isApart(before, c))) {
          return i;
        }
      }
    }
    return text.length();
  }

  private boolean isApart(char before, char c) {
    return !Character.isLowSurrogate(c) && !joined.get(c) && !pairs.contains(pair(before, c));
  }

  private int[] encodeWord(String word) {
    if (word.length() > LONGEST) {
      return library.apply(word);
    }
    Known now = known;
    int[] ids = now.young().get(word);
    if (ids == null) {
      ids = now.old().get(word);
      ids = ids == null ? library.apply(word) : ids;
      now.young().put(word, ids);
      if (now.young().size() >= MOST) {
        known = new Known(new ConcurrentHashMap<>(), now.young()); // rare words are forgotten
      }
    }
    return ids;
  }
}
