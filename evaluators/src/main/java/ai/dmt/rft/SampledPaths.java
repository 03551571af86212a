package ai.dmt.rft;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonRecord;
import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A file of sampled answers that grows: JSON lines {@code {"problem", "sample", "completion",
 * "finish_reason"}}, numbers from 0. A line is there whole or its end is missing; what a killed
 * process left without an end is no line.
 */
final class SampledPaths implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final Map<Integer, BitSet> done = new HashMap<>(); // samples by problem

  /**
   * A line.
   *
   * @param origin of the line
   * @param problem its 0-based place in the file of problems
   * @param sample number among those of the problem
   * @param completion the model's text alone
   */
  record Sample(Origin origin, int problem, int sample, String completion) {}

  private SampledPaths(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file to add to, and makes it if it is not there. Cuts off a line without an end.
   *
   * @throws ConfigException if another process adds to it
   * @throws DataException if a line is malformed
   */
  static SampledPaths open(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (!locked(channel)) {
          throw new ConfigException("%s: another process samples into it".formatted(file));
        }
        channel.truncate(wholeLines(channel));
        SampledPaths paths = new SampledPaths(file, channel);
        // Not through another channel: closing that would end the lock.
        read(file, channel, sample -> paths.note(sample.problem(), sample.sample()));
        channel.position(channel.size());
        return paths;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw unusable(file, "opened", e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null; // it ends with the channel
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Bytes up to the end of the last line that has one. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    for (long end = channel.size(); end > 0; ) {
      long begin = Math.max(0, end - chunk.capacity());
      chunk.clear().limit((int) (end - begin));
      while (chunk.hasRemaining() && channel.read(chunk, begin + chunk.position()) >= 0) {
        // until all of it is there
      }
      for (int i = chunk.position() - 1; i >= 0; i--) {
        if (chunk.get(i) == '\n') {
          return begin + i + 1;
        }
      }
      end = begin;
    }
    return 0;
  }

  /** Whether a sample is there. */
  boolean has(int problem, int sample) {
    BitSet samples = done.get(problem);
    return samples != null && samples.get(sample);
  }

  /** Adds a line; it is the operating system's when this returns, so that a kill loses nothing. */
  void add(int problem, int sample, String completion, String finishReason) {
    String line =
        JSON.createObjectNode()
                .put("problem", problem)
                .put("sample", sample)
                .put("completion", completion)
                .put("finish_reason", finishReason)
            + "\n";
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw unusable(file, "written", e);
    }
    note(problem, sample);
  }

  private void note(int problem, int sample) {
    done.computeIfAbsent(problem, each -> new BitSet()).set(sample);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unusable(file, "closed", e);
    }
  }

  /**
   * Reads all lines that have an end.
   *
   * @throws DataException naming file and line, if one is malformed or the file is not there
   */
  static void read(Path file, Consumer<Sample> samples) {
    try (FileChannel channel = FileChannel.open(file)) {
      read(file, channel, samples);
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "cannot be read: " + Disk.reason(e), e);
    }
  }

  private static void read(Path file, FileChannel channel, Consumer<Sample> samples)
      throws IOException {
    long left = wholeLines(channel);
    channel.position(0);
    BufferedReader reader =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8.newDecoder(), -1));
    long number = 0;
    for (String line = reader.readLine(); line != null && left > 0; line = reader.readLine()) {
      left -= line.getBytes(StandardCharsets.UTF_8).length + 1;
      samples.accept(sample(line, new Origin(file.toString(), ++number)));
    }
  }

  private static Sample sample(String line, Origin origin) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new DataException(origin, "is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new DataException(origin, "expected a JSON object, got " + node.getNodeType());
    }
    JsonRecord record = new JsonRecord(node, origin);
    return new Sample(
        origin,
        notNegative(record, "problem"),
        notNegative(record, "sample"),
        record.text("completion"));
  }

  private static int notNegative(JsonRecord record, String field) {
    int value = record.wholeNumber(field);
    if (value < 0) {
      throw record.mustBe(field, "0 or more", record.node().path(field));
    }
    return value;
  }

  private static UncheckedIOException unusable(Path file, String what, IOException e) {
    return new UncheckedIOException("%s cannot be %s: %s".formatted(file, what, e.getMessage()), e);
  }
}
