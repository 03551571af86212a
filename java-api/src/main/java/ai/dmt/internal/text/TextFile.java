package ai.dmt.internal.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Reads whole text files: UTF-8, whatever the locale; a byte order mark is no part of the text. */
public final class TextFile {
  /** Larger than any recipe, template or configuration; what is larger is none. */
  private static final long MAX_BYTES = 256L << 20;

  private TextFile() {}

  /** A text in another encoding than UTF-8. The message says where. */
  public static final class EncodingException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what is wrong and where
     */
    public EncodingException(String message) {
      super(message);
    }
  }

  /**
   * {@return the text of a file, without its byte order mark}
   *
   * @param file to read, of at most 256 MiB
   * @throws EncodingException if it is not UTF-8
   * @throws IOException if it is not there, is no regular file, is larger, or cannot be read
   */
  public static String read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(Files.isDirectory(file) ? "it is a folder" : "it is no regular file");
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException("it has %s bytes, at most %s are read".formatted(size, MAX_BYTES));
    }
    return decode(Files.readAllBytes(file));
  }

  /**
   * {@return a text in UTF-8, without its byte order mark}
   *
   * @param bytes all of the text
   * @throws EncodingException if it is not UTF-8
   */
  public static String decode(byte[] bytes) throws EncodingException {
    refuseOtherMarks(bytes, bytes.length);
    int start = startsWithMark(bytes, bytes.length) ? 3 : 0;
    ByteBuffer in = ByteBuffer.wrap(bytes, start, bytes.length - start);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new EncodingException(
          String.format(
              Locale.ROOT,
              "line %d is not valid UTF-8: byte 0x%02X",
              line,
              bytes[in.position()] & 0xFF));
    }
    return out.flip().toString();
  }

  /**
   * {@return whether bytes begin with UTF-8's byte order mark}
   *
   * @param bytes where a text begins
   * @param count how many of them are filled
   */
  public static boolean startsWithMark(byte[] bytes, int count) {
    return count >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  /**
   * Refuses bytes that begin with the mark of UTF-16, as those of UTF-32 in little endian do too.
   *
   * @param bytes where a text begins
   * @param count how many of them are filled
   * @throws EncodingException if they begin with such a mark
   */
  public static void refuseOtherMarks(byte[] bytes, int count) throws EncodingException {
    boolean little = count >= 2 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE;
    boolean big = count >= 2 && bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF;
    if (little || big) {
      throw new EncodingException(
          "it is UTF-16, expected UTF-8; convert it, such as with iconv -f UTF-16 -t UTF-8");
    }
  }
}
