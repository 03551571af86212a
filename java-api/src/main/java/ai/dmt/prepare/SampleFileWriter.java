package ai.dmt.prepare;

import ai.dmt.data.PreparedSample;
import ai.dmt.data.SourceSummary;
import ai.dmt.internal.files.FileOutput;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes a source's samples.
 *
 * <p>[Note: sample files] The file is {@link #MAGIC}, blocks, a block of length 0, the block with
 * the {@link SummaryJson}, and MAGIC again. A block is its length, its CRC-32C, and that many
 * bytes; numbers are big-endian ints. Each block but the last holds whole samples, see {@link
 * SampleBuffer}.
 */
final class SampleFileWriter implements AutoCloseable {
  static final String MAGIC = "dmtsamp1";

  private static final int BLOCK = 1 << 20;

  private final List<String> files;
  private final DataOutputStream out;
  private final SampleBuffer block = new SampleBuffer();

  /** Creates a file. @param files of the source, which samples name as their origins */
  SampleFileWriter(Path file, List<String> files) throws IOException {
    this.files = files;
    this.out = new DataOutputStream(new BufferedOutputStream(FileOutput.stream(file)));
    out.writeBytes(MAGIC);
  }

  void write(PreparedSample sample) {
    block.put(sample, files);
    if (block.size() >= BLOCK) {
      try {
        writeBlock();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Ends the file. */
  void finish(SourceSummary summary) throws IOException {
    if (block.size() > 0) {
      writeBlock();
    }
    out.writeInt(0);
    byte[] json = SummaryJson.write(summary, files);
    writeBlock(json, json.length);
    out.writeBytes(MAGIC);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void writeBlock() throws IOException {
    writeBlock(block.array(), block.size());
    block.clear();
  }

  private void writeBlock(byte[] bytes, int length) throws IOException {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    out.writeInt(length);
    out.writeInt((int) sum.getValue());
    out.write(bytes, 0, length);
  }
}
