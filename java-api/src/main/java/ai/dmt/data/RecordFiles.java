package ai.dmt.data;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Opens files of records; compression and kind are told by the first bytes, never by the name. */
public final class RecordFiles {
  private static final byte[] GZIP = {0x1F, (byte) 0x8B};
  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER = 1 << 16;

  private RecordFiles() {}

  /**
   * Opens a file.
   *
   * @param file to read
   * @param maxRecordBytes largest record, in bytes after decompression
   * @return its records, to be closed by the caller
   * @throws IOException if it is not there, is no regular file, or cannot be read
   */
  public static RecordSource open(Path file, int maxRecordBytes) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("it is no regular file");
    }
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(4);
    }
    if (Arrays.equals(magic, PARQUET)) {
      return new ParquetRecords(file, maxRecordBytes);
    }
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      InputStream plain = raw;
      if (startsWith(magic, GZIP)) {
        plain = new GZIPInputStream(raw, BUFFER);
      } else if (ZstdFrames.begins(magic)) {
        plain = new Decompressed(new ZstdInputStream(new ZstdFrames(raw)));
      }
      return new JsonRecords(file.toString(), new ByteReader(plain), maxRecordBytes);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** What the decompressor says of broken bytes, and trips over in them, is a fault of the file. */
  private static final class Decompressed extends FilterInputStream {
    Decompressed(InputStream decompressor) {
      super(decompressor);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
      try {
        return super.read(into, from, count);
      } catch (RuntimeException e) {
        throw new IOException("broken zstd: " + e.getMessage(), e);
      }
    }
  }
}
