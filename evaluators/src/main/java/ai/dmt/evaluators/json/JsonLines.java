package ai.dmt.evaluators.json;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.RecordFiles;
import ai.dmt.data.RecordSource;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Files of JSON objects, one a line. They are read as training data is: an array will do as well,
 * and compression is told by the first bytes.
 */
public final class JsonLines {
  private static final int MAX_RECORD_BYTES = 1 << 28;

  private JsonLines() {}

  /**
   * Reads all records of a file; blank lines and a byte order mark are passed over.
   *
   * @param <T> what a record becomes
   * @param file plain or compressed
   * @param parse makes a value of a record, or throws an exception that names its origin
   * @return a value for each record, in the order of the file
   * @throws DataException naming file and line, if a line is no JSON object or no UTF-8, or if the
   *     file cannot be read
   */
  public static <T> List<T> read(Path file, Function<JsonRecord, T> parse) {
    List<T> values = new ArrayList<>();
    try (RecordSource records = RecordFiles.open(file, MAX_RECORD_BYTES)) {
      for (JsonNode node = records.next(); node != null; node = records.next()) {
        if (!node.isObject()) {
          throw new DataException(
              records.origin(), "expected a JSON object, got " + node.getNodeType());
        }
        values.add(parse.apply(new JsonRecord(node, records.origin())));
      }
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "cannot be read: " + Disk.reason(e), e);
    }
    return values;
  }

  /**
   * Writes records, one a line, in UTF-8.
   *
   * @param file replaced if it is there
   * @param records in the order of the lines
   * @throws UncheckedIOException naming the file, if it cannot be written
   */
  public static void write(Path file, List<? extends JsonNode> records) {
    try (Writer out = FileOutput.writer(file)) {
      for (JsonNode record : records) {
        out.append(record.toString()).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + Disk.reason(e), e);
    }
  }
}
