package ai.dmt.internal.storage;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Part of a file that others read at the same time: a channel has one position, which is left
 * alone. The channel is not closed with it.
 */
final class FilePart extends InputStream {
  private final FileChannel file;
  private long position;
  private long left;

  FilePart(FileChannel file, long from, long bytes) {
    this.file = file;
    this.position = from;
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int most = (int) Math.min(length, left);
    int read = file.read(ByteBuffer.wrap(bytes, offset, most), position);
    if (read < 0) {
      throw new EOFException("a file became shorter while it was uploaded");
    }
    position += read;
    left -= read;
    return read;
  }
}
