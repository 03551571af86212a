package ai.dmt.tensorboard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/** Records of a file: length, its checksum, bytes, their checksum. */
final class EventRecords {
  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

  /** A checksum of bytes that hold checksums of their own is weak, so it is turned and moved. */
  private static final int MASK = 0xa282ead8;

  private EventRecords() {}

  /** A record with its frame. */
  static byte[] framed(byte[] record) {
    ByteBuffer framed = littleEndian(new byte[HEADER_BYTES + record.length + Integer.BYTES]);
    framed.putLong(record.length);
    framed.putInt(checksum(framed.array(), 0, Long.BYTES));
    framed.put(record);
    framed.putInt(checksum(record, 0, record.length));
    return framed.array();
  }

  /** The next record; empty at the end, which is also where the rest is cut off or damaged. */
  static Optional<byte[]> next(InputStream in) throws IOException {
    byte[] header = in.readNBytes(HEADER_BYTES);
    if (header.length < HEADER_BYTES) {
      return Optional.empty();
    }
    ByteBuffer frame = littleEndian(header);
    long length = frame.getLong();
    if (frame.getInt() != checksum(header, 0, Long.BYTES) || length < 0 || length != (int) length) {
      return Optional.empty();
    }
    byte[] record = in.readNBytes((int) length);
    byte[] sum = in.readNBytes(Integer.BYTES);
    boolean whole = record.length == length && sum.length == Integer.BYTES;
    return whole && littleEndian(sum).getInt() == checksum(record, 0, record.length)
        ? Optional.of(record)
        : Optional.empty();
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from, length);
    return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
