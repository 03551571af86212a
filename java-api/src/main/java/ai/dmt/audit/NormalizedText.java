package ai.dmt.audit;

import java.util.Arrays;

/**
 * A text as overlap is looked for: lower case, letters and digits only, words between white space.
 */
final class NormalizedText {
  private static final long PRIME = 0x100000001b3L;

  private char[] letters; // of all words, one after the other
  private int[] ends = new int[32]; // of words among the letters
  private long[] hashes = new long[32]; // of words
  private int words;

  NormalizedText(String text) {
    letters = new char[text.length() + 16];
    int length = 0;
    int begin = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isLetterOrDigit(c)) {
        int lower = Character.toLowerCase(c);
        if (length + 2 > letters.length) {
          letters = Arrays.copyOf(letters, 2 * letters.length);
        }
        length += Character.toChars(lower, letters, length);
      } else if (Character.isWhitespace(c) && length > begin) {
        endWord(begin, length);
        begin = length;
      }
    }
    if (length > begin) {
      endWord(begin, length);
    }
  }

  private void endWord(int from, int to) {
    if (words == ends.length) {
      ends = Arrays.copyOf(ends, 2 * words);
      hashes = Arrays.copyOf(hashes, 2 * words);
    }
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < to; i++) {
      hash = (hash ^ letters[i]) * PRIME;
    }
    hashes[words] = hash ^ (hash >>> 32);
    ends[words++] = to;
  }

  int words() {
    return words;
  }

  long hash(int word) {
    return hashes[word];
  }

  /** Whether words [from, from + count) are those of another text from a place on. */
  boolean equal(int from, int count, NormalizedText other, int otherFrom) {
    for (int w = 0; w < count; w++) {
      if (!Arrays.equals(
          letters,
          begin(from + w),
          ends[from + w],
          other.letters,
          other.begin(otherFrom + w),
          other.ends[otherFrom + w])) {
        return false;
      }
    }
    return true;
  }

  /** Words [from, from + count) with single spaces. */
  String text(int from, int count) {
    StringBuilder text = new StringBuilder();
    for (int w = from; w < from + count; w++) {
      text.append(w == from ? "" : " ").append(letters, begin(w), ends[w] - begin(w));
    }
    return text.toString();
  }

  private int begin(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }
}
