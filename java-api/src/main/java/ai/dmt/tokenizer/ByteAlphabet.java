package ai.dmt.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * GPT-2's alphabet, in which byte-level vocabularies spell bytes: printable bytes stand for
 * themselves, the others for U+0100 and what follows.
 */
final class ByteAlphabet {
  private static final int FIRST = 0x100;

  private static final char[] LETTERS = new char[256]; // by byte
  private static final int[] BYTES = new int[FIRST + 256]; // by letter, -1 for none

  static {
    java.util.Arrays.fill(BYTES, -1);
    int next = FIRST;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      LETTERS[b] = (char) (printable ? b : next++);
      BYTES[LETTERS[b]] = b;
    }
  }

  private ByteAlphabet() {}

  /** Spells bytes, which are given as Latin-1. */
  static String spell(String bytes) {
    StringBuilder spelt = new StringBuilder(bytes.length());
    bytes.chars().forEach(b -> spelt.append(LETTERS[b]));
    return spelt.toString();
  }

  /** Bytes that a token spells; a token with any other letter is a text as it is. */
  static byte[] bytes(String token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(token.length());
    for (int i = 0; i < token.length(); i++) {
      char letter = token.charAt(i);
      if (letter >= BYTES.length || BYTES[letter] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(BYTES[letter]);
    }
    return bytes.toByteArray();
  }
}
