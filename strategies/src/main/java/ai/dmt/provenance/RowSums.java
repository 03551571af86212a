package ai.dmt.provenance;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.RecordFaultException;
import ai.dmt.data.RecordFiles;
import ai.dmt.data.RecordSource;
import ai.dmt.internal.files.FileOutput;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Four bytes for each record of data files, so that a changed one can be named: that a file has
 * changed is for its SHA-256 to say.
 *
 * @param files CRC32C of the records, one after the other, in Base64, by path
 */
record RowSums(Map<String, String> files) {
  /** Beside the record of a run. */
  static final String NAME = "provenance_rows.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN = 60; // letters of a record

  /** A record as it is. @param text its beginning, for people */
  record Row(int sum, Origin origin, String text) {
    @Override
    public String toString() {
      return "%s: %s".formatted(RowChanges.hex(sum), text);
    }
  }

  /** Sums up the records of files. */
  static RowSums of(List<FileSum> all) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (FileSum file : all) {
      int[] sums = sums(Path.of(file.path()));
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * sums.length);
      bytes.asIntBuffer().put(sums);
      files.put(file.path(), Base64.getEncoder().encodeToString(bytes.array()));
    }
    return new RowSums(files);
  }

  /** The sums of a file's records as they are now. */
  static int[] sums(Path file) throws IOException {
    IntStream.Builder sums = IntStream.builder();
    read(file, row -> sums.add(row.sum()));
    return sums.build().toArray();
  }

  /** Some records of a file. @param places from 0 */
  static Map<Integer, Row> rows(Path file, Set<Integer> places) throws IOException {
    Map<Integer, Row> rows = new TreeMap<>();
    int[] place = {0};
    read(
        file,
        row -> {
          if (places.contains(place[0])) {
            rows.put(place[0], row);
          }
          place[0]++;
        });
    return rows;
  }

  /** {@return the sums of a file's records; null where none were recorded} */
  int @Nullable [] recorded(String path) {
    String text = files.get(path);
    if (text == null) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
    int[] sums = new int[bytes.remaining() / Integer.BYTES];
    bytes.asIntBuffer().get(sums);
    return sums;
  }

  /**
   * The records of a file; one at fault counts as such, and the end of a broken file as its end.
   */
  private static void read(Path file, Consumer<Row> rows) throws IOException {
    CRC32C crc = new CRC32C();
    try (RecordSource records = RecordFiles.open(file, ReadOptions.DEFAULT_MAX_RECORD_BYTES)) {
      while (true) {
        String text;
        try {
          JsonNode record = records.next();
          if (record == null) {
            return;
          }
          text = record.toString();
        } catch (RecordFaultException e) {
          text = "a record at fault";
        }
        crc.reset();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        rows.accept(new Row((int) crc.getValue(), records.origin(), shown));
      }
    } catch (DataException e) {
      return; // what comes behind cannot be told apart
    }
  }

  void write(Path folder) throws IOException {
    FileOutput.write(folder.resolve(NAME), JSON.writeValueAsString(files) + "\n");
  }

  /** Of a folder that has none, such as a stage's model, nothing is known. */
  static RowSums read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    return Files.exists(file)
        ? new RowSums(JSON.readValue(file.toFile(), new TypeReference<>() {}))
        : new RowSums(Map.of());
  }
}
