package ai.dmt.internal.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A checksum of each tensor of a model, to say which one differs where a file's SHA-256 does:
 * CRC32C takes a tenth of the time of a second SHA-256, and need not resist anybody.
 *
 * @param files checksums by tensor's name, by file name; 8 hexadecimal digits each
 */
public record TensorSums(Map<String, Map<String, String>> files) {
  /** Its name beside the weights. */
  public static final String NAME = "tensor_sums.json";

  /** For {@link #of}: every byte counts. */
  public static final long WHOLE = Long.MAX_VALUE;

  private static final String WEIGHTS = ".safetensors";
  private static final long MOST_HEADER_BYTES = 100L << 20;
  private static final long MOST_BYTES = 64L << 20;
  private static final int SAMPLE_BYTES = 64 << 10;
  private static final int BUFFER_BYTES = 1 << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Reads the weights of a folder.
   *
   * @param folder whose files *.safetensors are read; there may be none
   * @param stride of each so many bytes of a tensor the first 64 KiB count; {@link #WHOLE} for all
   * @return a checksum of each tensor
   * @throws IOException naming the file, if one cannot be read
   */
  public static TensorSums of(Path folder, long stride) throws IOException {
    Map<String, Map<String, String>> sums = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(TensorSums::holdsWeights).toList()) {
        Map<String, String> tensors = ofFile(file, stride);
        if (!tensors.isEmpty()) {
          sums.put(file.getFileName().toString(), tensors);
        }
      }
    }
    return new TensorSums(sums);
  }

  /**
   * {@return whether a file has weights, by its name}
   *
   * @param file need not be there
   */
  public static boolean holdsWeights(Path file) {
    return file.getFileName().toString().endsWith(WEIGHTS) && Files.isRegularFile(file);
  }

  /**
   * {@return the checksums that lie beside a model's weights; of no file where there are none}
   *
   * @param folder of the model
   * @throws IOException if they cannot be read
   */
  public static TensorSums read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return new TensorSums(Map.of());
    }
    return new TensorSums(
        JSON.readValue(RegularFile.read(file, MOST_BYTES), new TypeReference<>() {}));
  }

  /**
   * {@return the text of the file}
   *
   * @throws IOException never, since maps of texts can be written
   */
  public String toText() throws IOException {
    return JSON.writeValueAsString(files) + "\n";
  }

  /**
   * A tensor whose bytes are not those that were recorded.
   *
   * @param tensor its name
   * @param recorded checksum, or {@link #ABSENT}
   * @param actual checksum, or {@link #ABSENT}
   */
  public record Difference(String tensor, String recorded, String actual) {
    /** For a tensor that is on one side alone. */
    public static final String ABSENT = "not there";
  }

  /**
   * {@return the tensors of a file that are not as they were recorded; empty if nothing was
   * recorded for it}
   *
   * @param file with weights
   * @param stride as it was recorded with
   * @throws IOException if the file cannot be read
   */
  public List<Difference> differences(Path file, long stride) throws IOException {
    Map<String, String> recorded = files.get(file.getFileName().toString());
    if (recorded == null) {
      return List.of();
    }
    Map<String, String> actual = ofFile(file, stride);
    List<Difference> differences = new ArrayList<>();
    Map<String, String> all = new TreeMap<>(recorded);
    actual.forEach(all::putIfAbsent);
    for (String tensor : all.keySet()) {
      String before = recorded.getOrDefault(tensor, Difference.ABSENT);
      String now = actual.getOrDefault(tensor, Difference.ABSENT);
      if (!before.equals(now)) {
        differences.add(new Difference(tensor, before, now));
      }
    }
    return differences;
  }

  /**
   * A file that is none of this format has no tensors; its SHA-256 is all that can be said of it.
   */
  private static Map<String, String> ofFile(Path file, long stride) throws IOException {
    RegularFile.demand(file);
    Map<String, String> sums = new TreeMap<>();
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      long header =
          size < Long.BYTES
              ? 0
              : read(channel, 0, Long.BYTES, file).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (header < 2 || header > MOST_HEADER_BYTES || header + Long.BYTES > size) {
        return sums;
      }
      long data = Long.BYTES + header;
      JsonNode tensors = parse(read(channel, Long.BYTES, (int) header, file));
      for (Map.Entry<String, JsonNode> tensor : tensors.properties()) {
        JsonNode offsets = tensor.getValue().path("data_offsets");
        if (offsets.size() == 2) {
          long begin = data + offsets.get(0).asLong();
          long end = data + offsets.get(1).asLong();
          String meta = tensor.getValue().path("dtype").asText() + tensor.getValue().path("shape");
          boolean inside = data <= begin && begin <= end && end <= size;
          sums.put(
              tensor.getKey(),
              inside ? sum(channel, meta, begin, end, stride, file) : "outside the file");
        }
      }
    }
    return sums;
  }

  private static JsonNode parse(ByteBuffer header) throws IOException {
    try {
      return JSON.readTree(StandardCharsets.UTF_8.decode(header).toString());
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }

  /** Type and shape count too: the same bytes of another shape are another tensor. */
  private static String sum(
      FileChannel channel, String meta, long begin, long end, long stride, Path file)
      throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(meta.getBytes(StandardCharsets.UTF_8));
    boolean whole = stride == WHOLE;
    long step = whole ? BUFFER_BYTES : stride;
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(
            (int) Math.min(whole ? BUFFER_BYTES : SAMPLE_BYTES, Math.max(1, end - begin)));
    for (long at = begin; at < end; at += step) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      crc.update(fill(buffer, channel, at, file));
    }
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  private static ByteBuffer read(FileChannel channel, long begin, int length, Path file)
      throws IOException {
    return fill(ByteBuffer.allocate(length), channel, begin, file);
  }

  private static ByteBuffer fill(ByteBuffer buffer, FileChannel channel, long begin, Path file)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, begin + buffer.position()) < 0) {
        throw new EOFException(file + " has become shorter while it was read");
      }
    }
    return buffer.flip();
  }
}
