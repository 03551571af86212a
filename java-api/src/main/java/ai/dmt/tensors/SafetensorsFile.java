package ai.dmt.tensors;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.TextFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: eight bytes of header length, a JSON header, the tensors. The header is
 * checked when the file is opened; tensors are read one by one when they are asked for.
 */
public final class SafetensorsFile {
  private static final int LENGTH_BYTES = 8;

  /** As in the reference implementation. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private final Path path;
  private final long dataStart;
  private final Map<String, TensorEntry> tensors;

  private SafetensorsFile(Path path, long dataStart, Map<String, TensorEntry> tensors) {
    this.path = path;
    this.dataStart = dataStart;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Reads and checks the header.
   *
   * @param path of the file
   * @return the file with its header; it is not kept open
   * @throws DataException if the file is not there, is malformed, or is shorter than its header
   *     says
   */
  public static SafetensorsFile open(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      long headerBytes = headerLength(path, channel, size);
      ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
      readFully(channel, header, LENGTH_BYTES);
      JsonNode root = JsonText.parse(TextFile.decode(header.array()));
      if (!root.isObject()) {
        throw fault(path, "the header is no JSON object");
      }
      long dataStart = LENGTH_BYTES + headerBytes;
      return new SafetensorsFile(path, dataStart, entries(path, root, size - dataStart));
    } catch (NoSuchFileException e) {
      throw new DataException(origin(path), "no such file", e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          origin(path), "the header is malformed JSON: " + JsonFaults.sentence(e), e);
    } catch (IOException e) {
      throw new DataException(origin(path), "cannot be read: " + Disk.reason(e), e);
    }
  }

  /** {@return the path that it was opened by} */
  public Path path() {
    return path;
  }

  /** {@return all tensors by name, in the order of the header} */
  public Map<String, TensorEntry> tensors() {
    return tensors;
  }

  /**
   * {@return a tensor that must be there with a type and a number of dimensions}
   *
   * @param name as in the file
   * @param type such as "F32" or "I64"
   * @param dimensions length of the shape; 0 for a scalar
   * @throws DataException if it is not
   */
  public TensorEntry require(String name, String type, int dimensions) {
    TensorEntry entry = tensors.get(name);
    if (entry == null) {
      throw fault(path, "tensor \"%s\" is missing; it has %s", name, excerpt());
    }
    if (!entry.type().equals(type) || entry.shape().size() != dimensions) {
      throw fault(
          path,
          "tensor \"%s\" is %s of shape %s, expected %s with %d dimensions",
          name,
          entry.type(),
          entry.shape(),
          type,
          dimensions);
    }
    return entry;
  }

  /**
   * Reads an F32 tensor.
   *
   * @param entry one of {@link #tensors()}
   * @return its values, row-major
   * @throws DataException if it is of another type, or cannot be read
   * @throws ArithmeticException if it has more values than an array can hold
   */
  public float[] floats(TensorEntry entry) {
    float[] values = new float[Math.toIntExact(entry.elements())];
    read(entry, "F32").asFloatBuffer().get(values);
    return values;
  }

  /**
   * Reads an I64 tensor of numbers that are ints.
   *
   * @param entry one of {@link #tensors()}
   * @return its values, row-major
   * @throws DataException if it is of another type, if a value is no int, or if it cannot be read
   * @throws ArithmeticException if it has more values than an array can hold
   */
  public int[] ints(TensorEntry entry) {
    long[] values = new long[Math.toIntExact(entry.elements())];
    read(entry, "I64").asLongBuffer().get(values);
    int[] narrow = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      if (values[i] != (int) values[i]) {
        throw fault(
            path, "tensor \"%s\" has %d at %d, expected an int", entry.name(), values[i], i);
      }
      narrow[i] = (int) values[i];
    }
    return narrow;
  }

  /**
   * Reads a part of a tensor of floats.
   *
   * @param entry one of {@link #tensors()}, of type F32, BF16 or F16
   * @param first its first value that is read, row-major
   * @param into takes as many values as it is long
   * @throws DataException if it is of another type, is shorter, or cannot be read
   */
  public void floats(TensorEntry entry, long first, float[] into) {
    int width = TensorEntry.bytesPerElement(entry.type());
    if (!List.of("F32", "BF16", "F16").contains(entry.type())) {
      throw fault(
          path, "tensor \"%s\" is %s, expected F32, BF16 or F16", entry.name(), entry.type());
    }
    if (first + into.length > entry.elements()) {
      throw fault(
          path,
          "tensor \"%s\" has %d values, %d from %d are asked for",
          entry.name(),
          entry.elements(),
          into.length,
          first);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(into.length, width));
      readFully(channel, bytes, dataStart + entry.begin() + first * width);
      HalfFloats.widen(bytes.flip().order(ByteOrder.LITTLE_ENDIAN), entry.type(), into);
    } catch (IOException e) {
      throw new DataException(origin(path), "cannot be read: " + Disk.reason(e), e);
    }
  }

  private ByteBuffer read(TensorEntry entry, String type) {
    if (!entry.type().equals(type)) {
      throw fault(path, "tensor \"%s\" is %s, expected %s", entry.name(), entry.type(), type);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.end() - entry.begin()));
      readFully(channel, bytes, dataStart + entry.begin());
      return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new DataException(origin(path), "cannot be read: " + Disk.reason(e), e);
    }
  }

  private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
    if (size < LENGTH_BYTES) {
      throw fault(path, "has %d bytes, expected a safetensors file; it is truncated", size);
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length, 0);
    long bytes = length.getLong(0);
    if (bytes < 2 || bytes > MAX_HEADER_BYTES) {
      throw fault(path, "says its header has %d bytes, which no safetensors file has", bytes);
    }
    if (bytes > size - LENGTH_BYTES) {
      throw fault(
          path,
          "has %d bytes, its header alone needs %d; it is truncated",
          size,
          bytes + LENGTH_BYTES);
    }
    return bytes;
  }

  private static Map<String, TensorEntry> entries(Path path, JsonNode root, long dataBytes) {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    root.properties()
        .forEach(
            property -> {
              if (!property.getKey().equals("__metadata__")) {
                TensorEntry entry = entry(path, property.getKey(), property.getValue());
                checkPlace(path, entry, dataBytes);
                entries.put(entry.name(), entry);
              }
            });
    return entries;
  }

  private static TensorEntry entry(Path path, String name, JsonNode node) {
    JsonNode offsets = node.path("data_offsets");
    JsonNode shape = node.path("shape");
    if (!node.path("dtype").isTextual() || !shape.isArray() || !isPair(offsets)) {
      throw fault(path, "tensor \"%s\" lacks dtype, shape or data_offsets", name);
    }
    List<Long> sizes = new ArrayList<>();
    for (JsonNode dimension : shape) {
      if (!isSize(dimension)) {
        throw fault(path, "tensor \"%s\" has the shape %s", name, shape);
      }
      sizes.add(dimension.longValue());
    }
    return new TensorEntry(
        name,
        node.get("dtype").textValue(),
        sizes,
        offsets.get(0).asLong(-1),
        offsets.get(1).asLong(-1));
  }

  private static boolean isPair(JsonNode offsets) {
    return offsets.isArray()
        && offsets.size() == 2
        && isSize(offsets.get(0))
        && isSize(offsets.get(1));
  }

  private static boolean isSize(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0;
  }

  private static void checkPlace(Path path, TensorEntry entry, long dataBytes) {
    int width = TensorEntry.bytesPerElement(entry.type());
    if (width == 0) {
      throw fault(path, "tensor \"%s\" has the unknown type %s", entry.name(), entry.type());
    }
    if (entry.begin() < 0 || entry.begin() > entry.end()) {
      throw fault(
          path,
          "tensor \"%s\" has the offsets %d and %d",
          entry.name(),
          entry.begin(),
          entry.end());
    }
    if (entry.end() > dataBytes) {
      throw fault(
          path,
          "tensor \"%s\" ends at byte %d of the data, the file has %d; it is truncated",
          entry.name(),
          entry.end(),
          dataBytes);
    }
    long bytes;
    try {
      bytes = Math.multiplyExact(entry.elements(), (long) width);
    } catch (ArithmeticException e) {
      bytes = -1;
    }
    if (bytes != entry.end() - entry.begin()) {
      throw fault(
          path,
          "tensor \"%s\" of shape %s and type %s has %d bytes",
          entry.name(),
          entry.shape(),
          entry.type(),
          entry.end() - entry.begin());
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long from)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new IOException("the file ends early");
      }
    }
  }

  private String excerpt() {
    List<String> names = tensors.keySet().stream().limit(5).toList();
    return names + (tensors.size() > names.size() ? " and more" : "");
  }

  private static DataException fault(Path path, String message, Object... values) {
    return new DataException(origin(path), message.formatted(values));
  }

  private static Origin origin(Path path) {
    return new Origin(path.toString(), 0);
  }
}
