package ai.dmt.prepare;

import ai.dmt.data.PreparedSample;
import ai.dmt.data.SourceSummary;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Reads what {@link SampleFileWriter} wrote; see [Note: sample files] there. */
final class SampleFileReader {
  private final Path file;
  private final List<String> files;

  /** Makes a reader. @param files of the source, in the order in which they were written */
  SampleFileReader(Path file, List<String> files) {
    this.file = file;
    this.files = files;
  }

  /** A file that is not as it was written; the message says what is wrong. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /** Checks the whole file without making samples of it. */
  void verify() throws IOException {
    walk(block -> {});
  }

  /** Reads all samples in turn. */
  SourceSummary read(Consumer<PreparedSample> samples) throws IOException {
    return walk(
        block -> {
          SampleBuffer buffer = new SampleBuffer(block);
          while (buffer.hasMore()) {
            samples.accept(buffer.get(files));
          }
        });
  }

  private SourceSummary walk(Consumer<byte[]> blocks) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      demandMagic(in, "beginning");
      for (int number = 1; ; number++) {
        int length = in.readInt();
        if (length == 0) {
          SourceSummary summary = SummaryJson.read(block(in, in.readInt(), "the summary"), files);
          demandMagic(in, "end");
          return summary;
        }
        blocks.accept(block(in, length, "block " + number));
      }
    } catch (EOFException e) {
      throw new DamagedException("it is truncated");
    }
  }

  private byte[] block(DataInputStream in, int length, String name) throws IOException {
    int expected = in.readInt();
    if (length < 0 || length > Files.size(file)) {
      throw new DamagedException("%s says it has %s bytes".formatted(name, length));
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    if ((int) sum.getValue() != expected) {
      throw new DamagedException(
          String.format(
              Locale.ROOT,
              "%s has checksum %08x, expected %08x",
              name,
              (int) sum.getValue(),
              expected));
    }
    return bytes;
  }

  private static void demandMagic(DataInputStream in, String place) throws IOException {
    byte[] found = in.readNBytes(SampleFileWriter.MAGIC.length());
    if (!SampleFileWriter.MAGIC.equals(new String(found, StandardCharsets.US_ASCII))) {
      throw new DamagedException("its %s is not that of a sample file".formatted(place));
    }
  }
}
