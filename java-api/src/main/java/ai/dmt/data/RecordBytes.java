package ai.dmt.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Bytes of one record, up to a limit; what is beyond is only counted. */
final class RecordBytes {
  private static final int KEPT_CAPACITY = 1 << 20;

  private final int limit;
  private byte[] bytes = new byte[512];
  private int size;
  private boolean tooLarge;

  RecordBytes(int limit) {
    this.limit = limit;
  }

  void clear() {
    if (bytes.length > KEPT_CAPACITY) {
      bytes = new byte[512]; // one large record does not hold its memory for the whole file
    }
    size = 0;
    tooLarge = false;
  }

  void add(int single) {
    if (reserve(1)) {
      bytes[size++] = (byte) single;
    }
  }

  void add(byte[] source, int from, int count) {
    if (reserve(count)) {
      System.arraycopy(source, from, bytes, size, count);
      size += count;
    }
  }

  boolean isBlank() {
    for (int i = 0; i < size; i++) {
      if (!ByteReader.isWhitespace(bytes[i])) {
        return false;
      }
    }
    return !tooLarge;
  }

  /**
   * The record's text.
   *
   * @param origin where it begins
   * @throws RecordFaultException if it is larger than the limit, or no UTF-8; names the line
   */
  String text(Origin origin) {
    if (tooLarge) {
      throw new RecordFaultException(
          origin,
          "the record is larger than %s bytes; split it, or raise max_record_bytes"
              .formatted(limit));
    }
    CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, size);
    CharBuffer out = CharBuffer.allocate(size);
    CoderResult result = strict.decode(in, out, true);
    if (result.isUnderflow()) {
      return out.flip().toString();
    }
    long line = origin.line();
    for (int i = 0; i < in.position(); i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    throw new RecordFaultException(
        new Origin(origin.file(), line),
        String.format(
            Locale.ROOT, "the line is not valid UTF-8: byte 0x%02X", bytes[in.position()] & 0xFF));
  }

  private boolean reserve(int more) {
    if (tooLarge || more > limit - size) {
      tooLarge = true;
      return false;
    }
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(2L * bytes.length, size + more)));
    }
    return true;
  }
}
