package ai.dmt.evaluators.json;

import ai.dmt.config.JsonFaults;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/**
 * Files with one JSON object a line. In reading, gzip is told by the first bytes, never by the
 * name.
 */
public final class JsonLines {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final int BUFFER = 1 << 16;

  private JsonLines() {}

  /**
   * Reads all records of a file; blank lines are passed over.
   *
   * @param parse makes a value of a record, or throws an exception that names its origin
   * @throws DataException naming file and line, if a line is no JSON object or no UTF-8, or if the
   *     file cannot be read
   */
  public static <T> List<T> read(Path file, Function<JsonRecord, T> parse) {
    List<T> values = new ArrayList<>();
    try (InputStream in = open(file)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (long line = 1; readLine(in, bytes); line++) {
        String text = decode(bytes, new Origin(file.toString(), line));
        if (!text.isBlank()) {
          values.add(parse.apply(record(text, new Origin(file.toString(), line))));
        }
      }
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "cannot be read: " + e.getMessage(), e);
    }
    return values;
  }

  /**
   * Writes records, one a line, in UTF-8.
   *
   * @throws UncheckedIOException naming the file, if it cannot be written
   */
  public static void write(Path file, List<? extends JsonNode> records) {
    try (Writer out = Files.newBufferedWriter(file)) {
      for (JsonNode record : records) {
        out.append(record.toString()).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      raw.mark(2);
      boolean zipped = raw.read() == 0x1F && raw.read() == 0x8B;
      raw.reset();
      return zipped ? new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER) : raw;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** Takes a line without its line feed; false at the end of the file. */
  private static boolean readLine(InputStream in, ByteArrayOutputStream bytes) throws IOException {
    bytes.reset();
    int b = in.read();
    if (b < 0) {
      return false;
    }
    while (b >= 0 && b != '\n') {
      bytes.write(b);
      b = in.read();
    }
    return true;
  }

  private static String decode(ByteArrayOutputStream bytes, Origin origin) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new DataException(origin, "the line is not valid UTF-8", e);
    }
  }

  private static JsonRecord record(String text, Origin origin) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DataException(origin, "malformed JSON: " + JsonFaults.sentence(e), e);
    }
    if (!node.isObject()) {
      throw new DataException(origin, "expected a JSON object, got " + node.getNodeType());
    }
    return new JsonRecord(node, origin, text);
  }
}
