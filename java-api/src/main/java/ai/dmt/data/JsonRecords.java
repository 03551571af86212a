package ai.dmt.data;

import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Records of a JSON array or of JSON lines, each with the line it begins on. The end of each record
 * is found before it is parsed, so that a malformed one can be skipped and a large one refused.
 */
final class JsonRecords implements RecordSource {
  private final String file;
  private final ByteReader input;
  private final RecordBytes bytes;
  private final boolean isArray;
  private boolean isFirst = true;
  private long line;

  JsonRecords(String file, ByteReader input, int maxRecordBytes) throws IOException {
    this.file = file;
    this.input = input;
    this.bytes = new RecordBytes(maxRecordBytes);
    input.skipWhitespace();
    this.isArray = input.peek() == '[';
    if (isArray) {
      input.read();
    }
  }

  @Override
  public Origin origin() {
    return new Origin(file, line);
  }

  @Override
  public @Nullable JsonNode next() throws IOException {
    return isArray ? nextElement() : nextLine();
  }

  private @Nullable JsonNode nextLine() throws IOException {
    do {
      line = input.line();
      if (input.peek() == ByteReader.END) {
        return null;
      }
      bytes.clear();
      input.readLine(bytes);
    } while (bytes.isBlank());
    return parse(bytes.text(origin()));
  }

  private @Nullable JsonNode nextElement() throws IOException {
    input.skipWhitespace();
    if (input.peek() == ']') {
      refuseMore();
      return null;
    }
    if (!isFirst) {
      line = input.line();
      int separator = input.read();
      if (separator != ',') {
        throw new DataException(
            origin(),
            separator == ByteReader.END
                ? "the array is not closed; expected \",\" or \"]\""
                : "malformed JSON: \"%c\" after a record; expected \",\" or \"]\""
                    .formatted((char) separator));
      }
      input.skipWhitespace();
    }
    isFirst = false;
    line = input.line();
    bytes.clear();
    readElement();
    return parse(bytes.text(origin()));
  }

  /** Takes the bytes up to the end of an element: strings may hold any bracket. */
  private void readElement() throws IOException {
    int depth = 0;
    boolean inString = false;
    boolean escaped = false;
    while (true) {
      int c = input.peek();
      if (c == ByteReader.END) {
        throw new DataException(origin(), "the record, and the array around it, are not closed");
      }
      if (inString) {
        inString = escaped || c != '"';
        escaped = !escaped && c == '\\';
      } else if (depth == 0 && (c == ',' || c == ']')) {
        return;
      } else if (c == '"') {
        inString = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      bytes.add(input.read());
      if (depth == 0 && !inString && (c == '}' || c == ']')) {
        return;
      }
    }
  }

  private void refuseMore() throws IOException {
    input.read(); // the bracket
    input.skipWhitespace();
    if (input.peek() != ByteReader.END) {
      line = input.line();
      throw new DataException(
          origin(), "there is more after the end; expected one array, or one object per line");
    }
  }

  private JsonNode parse(String text) {
    try {
      JsonNode record = JsonText.parse(text);
      if (record.isMissingNode()) {
        throw new RecordFaultException(origin(), "malformed JSON: no value");
      }
      return record;
    } catch (JsonProcessingException e) {
      int lineOfRecord = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String fault = JsonFaults.sentence(e);
      throw new RecordFaultException(
          new Origin(file, line + Math.max(0, lineOfRecord - 1)),
          fault.equals(JsonFaults.MORE)
              ? fault + "; expected one array, or one object per line"
              : "malformed JSON: %s; expected an array of objects, or one object per line"
                  .formatted(fault),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
