package ai.dmt.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes of every token, for decoding without a native call. */
final class TokenTable {
  /** A token that stands for one byte, as SentencePiece spells it. */
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-F]{2})>");

  private static final byte[] NOTHING = {};

  private final byte[][] bytes; // [vocabSize]
  private final boolean stripsPrefixSpace;

  /**
   * Makes a table.
   *
   * @param stripsPrefixSpace whether a text of its own loses the space at its beginning
   */
  TokenTable(byte[][] bytes, boolean stripsPrefixSpace) {
    this.bytes = bytes;
    this.stripsPrefixSpace = stripsPrefixSpace;
  }

  /** Text of a piece, in which U+2581 stands for a space. */
  static byte[] piece(String piece) {
    return piece.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /** The byte of a piece such as {@code <0x0A>}, or null if it is none. */
  static byte[] byteFallback(String piece) {
    Matcher matcher = BYTE.matcher(piece);
    return matcher.matches() ? new byte[] {(byte) Integer.parseInt(matcher.group(1), 16)} : null;
  }

  static byte[] nothing() {
    return NOTHING;
  }

  int size() {
    return bytes.length;
  }

  byte[] bytes(int id) {
    if (id < 0 || id >= bytes.length) {
      throw new IllegalArgumentException(
          "token id %s is outside the vocabulary [0, %s)".formatted(id, bytes.length));
    }
    return bytes[id].clone();
  }

  String decode(int[] ids) {
    ByteArrayOutputStream text = new ByteArrayOutputStream(4 * ids.length);
    for (int id : ids) {
      text.writeBytes(bytes(id));
    }
    String decoded = text.toString(StandardCharsets.UTF_8);
    return stripsPrefixSpace && decoded.startsWith(" ") ? decoded.substring(1) : decoded;
  }
}
