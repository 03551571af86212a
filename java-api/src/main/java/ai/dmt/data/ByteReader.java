package ai.dmt.data;

import ai.dmt.internal.text.TextFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Bytes of a stream with one byte of look-ahead, and the line that the next byte is on. A line ends
 * with a line feed, a carriage return, or both.
 */
final class ByteReader implements Closeable {
  static final int END = -1;

  private final InputStream input;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private long line = 1;
  private int previous;

  /**
   * Skips a byte order mark, where there is one.
   *
   * @throws TextFile.EncodingException if it is that of another encoding than UTF-8
   */
  ByteReader(InputStream input) throws IOException {
    this.input = input;
    limit = Math.max(0, input.readNBytes(buffer, 0, 3));
    TextFile.refuseOtherMarks(buffer, limit);
    position = TextFile.startsWithMark(buffer, limit) ? 3 : 0;
  }

  /** Line of the next byte, from 1. */
  long line() {
    return line;
  }

  int peek() throws IOException {
    return position < limit || fill() ? buffer[position] & 0xFF : END;
  }

  int read() throws IOException {
    int next = peek();
    if (next != END) {
      position++;
      boolean secondOfPair = next == '\n' && previous == '\r';
      if ((next == '\n' || next == '\r') && !secondOfPair) {
        line++;
      }
      previous = next;
    }
    return next;
  }

  /** Skips white space; the line feeds are counted. */
  void skipWhitespace() throws IOException {
    while (isWhitespace(peek())) {
      read();
    }
  }

  /** Adds what is left of the line, without its end, which is skipped. */
  void readLine(RecordBytes line) throws IOException {
    while (position < limit || fill()) {
      int end = position;
      while (end < limit && buffer[end] != '\n' && buffer[end] != '\r') {
        end++;
      }
      line.add(buffer, position, end - position);
      position = end;
      if (end < limit) {
        if (read() == '\r' && peek() == '\n') {
          read();
        }
        return;
      }
    }
  }

  static boolean isWhitespace(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, input.read(buffer));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
