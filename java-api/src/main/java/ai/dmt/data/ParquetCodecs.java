package ai.dmt.data;

import io.airlift.compress.Decompressor;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Decompresses pages of Parquet files without Hadoop and without native libraries. */
final class ParquetCodecs implements CompressionCodecFactory {
  private static final int MAX_PAGE_BYTES = 256 << 20;

  /** Whether pages of a codec can be read. */
  static boolean reads(CompressionCodecName codec) {
    return switch (codec) {
      case UNCOMPRESSED, GZIP, SNAPPY, ZSTD, LZ4_RAW -> true;
      case LZO, BROTLI, LZ4 -> false;
    };
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    throw new UnsupportedOperationException("parquet files are only read");
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return switch (codec) {
      case UNCOMPRESSED -> new Pages((in, size) -> in);
      case GZIP -> new Pages(ParquetCodecs::gunzip);
      case SNAPPY -> pages(new SnappyDecompressor());
      case ZSTD -> pages(new ZstdDecompressor());
      case LZ4_RAW -> pages(new Lz4Decompressor());
      case LZO, BROTLI, LZ4 ->
          throw new UnsupportedOperationException(
              "its pages are compressed with %s; supported are gzip, snappy, zstd, lz4_raw"
                  .formatted(codec));
    };
  }

  @Override
  public void release() {}

  private static Pages pages(Decompressor decompressor) {
    return new Pages(
        (in, size) -> {
          byte[] out = new byte[size];
          try {
            decompressor.decompress(in, 0, in.length, out, 0, size);
          } catch (MalformedInputException e) {
            throw new IOException("a page cannot be decompressed: " + e.getMessage(), e);
          }
          return out;
        });
  }

  private static byte[] gunzip(byte[] in, int size) throws IOException {
    try (GZIPInputStream stream = new GZIPInputStream(new ByteArrayInputStream(in))) {
      return stream.readNBytes(size);
    }
  }

  /** From the bytes of a page, and its size when decompressed, to its content. */
  private interface PageFunction {
    byte[] apply(byte[] in, int size) throws IOException;
  }

  private record Pages(PageFunction function) implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput in, int size) throws IOException {
      return BytesInput.from(function.apply(in.toInputStream().readAllBytes(), checked(size)));
    }

    @Override
    public void decompress(ByteBuffer in, int compressed, ByteBuffer out, int size)
        throws IOException {
      ByteBuffer page = in.slice(in.position(), compressed);
      in.position(in.position() + compressed);
      out.put(function.apply(bytes(page), checked(size)));
      out.flip();
    }

    @Override
    public void release() {}

    /** What a page says of itself is not believed at once: it becomes an array. */
    private static int checked(int size) throws IOException {
      if (size < 0 || size > MAX_PAGE_BYTES) {
        throw new IOException(
            "a page would have %s bytes, at most %s are read".formatted(size, MAX_PAGE_BYTES));
      }
      return size;
    }

    private static byte[] bytes(ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    }
  }
}
