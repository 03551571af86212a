package ai.dmt.data;

import ai.dmt.config.JsonFaults;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Records of a JSON array or of JSON lines, one at a time, each with the line it begins on. */
final class RecordStream implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String file;
  private final InputStream input;
  private final JsonParser array; // null for JSON lines
  private final byte[] buffer = new byte[1 << 16]; // for JSON lines
  private int position;
  private int limit;
  private long line;

  RecordStream(Path path) throws IOException {
    file = path.toString();
    input = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    skipByteOrderMark();
    array = startsWithBracket() ? JSON.getFactory().createParser(input) : null;
    if (array != null) {
      array.nextToken();
    }
  }

  /** Place of the record that {@link #next} gave last. */
  Origin origin() {
    return new Origin(file, line);
  }

  /** The next record, or null at the end. */
  JsonNode next() throws IOException {
    return array == null ? nextLine() : nextElement();
  }

  private JsonNode nextElement() throws IOException {
    try {
      JsonToken token = array.nextToken();
      line = array.currentTokenLocation().getLineNr();
      if (token == JsonToken.END_ARRAY) {
        refuseMore(array);
        return null;
      }
      if (token == null) {
        throw new DataException(origin(), "the array is not closed; expected \",\" or \"]\"");
      }
      return array.readValueAsTree();
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? line : e.getLocation().getLineNr();
      throw malformed(new Origin(file, at), e);
    }
  }

  private JsonNode nextLine() throws IOException {
    byte[] bytes;
    do {
      bytes = readLine();
      line++;
    } while (bytes != null && isBlank(bytes));
    if (bytes == null) {
      return null;
    }
    try {
      // Decoded here, since the parser would take some malformed bytes.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return onlyObject(text);
    } catch (CharacterCodingException e) {
      throw new DataException(origin(), "the line is not valid UTF-8", e);
    } catch (JsonProcessingException e) {
      throw malformed(origin(), e);
    }
  }

  private JsonNode onlyObject(String text) throws IOException {
    try (JsonParser parser = JSON.getFactory().createParser(text)) {
      JsonNode record = parser.readValueAsTree();
      refuseMore(parser);
      return record;
    }
  }

  private void refuseMore(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new DataException(
          origin(), "there is more after the end; expected one array, or one object per line");
    }
  }

  private static DataException malformed(Origin origin, JsonProcessingException e) {
    return new DataException(
        origin,
        "malformed JSON: %s; expected an array of objects, or one object per line"
            .formatted(JsonFaults.sentence(e)),
        e);
  }

  /** Bytes up to the next line feed, or null at the end. */
  private byte[] readLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    while (position < limit || fill()) {
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      bytes.write(buffer, position, end - position);
      position = end;
      if (end < limit) {
        position++; // the line feed
        return bytes.toByteArray();
      }
    }
    return bytes.size() == 0 ? null : bytes.toByteArray();
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, input.read(buffer));
    return limit > 0;
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (!isWhitespace(b)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWhitespace(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private void skipByteOrderMark() throws IOException {
    input.mark(3);
    if (input.read() != 0xEF || input.read() != 0xBB || input.read() != 0xBF) {
      input.reset();
    }
  }

  /** Looks past white space, within reason, without consuming it: line numbers must stay right. */
  private boolean startsWithBracket() throws IOException {
    input.mark(1 << 16);
    int next = input.read();
    for (int n = 1; n < 1 << 16 && isWhitespace(next); n++) {
      next = input.read();
    }
    input.reset();
    return next == '[';
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
