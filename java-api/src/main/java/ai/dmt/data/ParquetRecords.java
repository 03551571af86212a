package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** Rows of a Parquet file, one row group in memory at a time; the "line" of a row is its number. */
final class ParquetRecords implements RecordSource {
  private static final int ROWS_PER_BYTE = 16;

  private final Path file;
  private final int maxRecordBytes;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private final MessageColumnIO columns;
  private @Nullable RecordReader<Group> rows; // null before the first group
  private long rowsLeft;
  private long row;

  ParquetRecords(Path file, int maxRecordBytes) throws IOException {
    this.file = file;
    this.maxRecordBytes = maxRecordBytes;
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .withCodecFactory(new ParquetCodecs())
            .build();
    try {
      this.reader = ParquetFileReader.open(new LocalInputFile(file), options);
    } catch (RuntimeException | OutOfMemoryError e) { // a footer may ask for any size
      throw broken(e);
    }
    try {
      this.schema = readable();
      reader.setRequestedSchema(schema);
      checkRows();
    } catch (RuntimeException e) {
      reader.close();
      throw e instanceof DataException ? e : broken(e);
    }
    this.columns = new ColumnIOFactory().getColumnIO(schema);
  }

  /** All columns but those that no format has and whose pages cannot be decompressed. */
  private MessageType readable() {
    MessageType all = reader.getFileMetaData().getSchema();
    Set<String> left = new HashSet<>();
    for (BlockMetaData block : reader.getFooter().getBlocks()) {
      for (ColumnChunkMetaData column : block.getColumns()) {
        if (!ParquetCodecs.reads(column.getCodec())) {
          left.add(column.getPath().toArray()[0]);
        }
      }
    }
    left.removeAll(RecordFormat.knownFields());
    List<Type> fields =
        all.getFields().stream().filter(field -> !left.contains(field.getName())).toList();
    return new MessageType(all.getName(), fields);
  }

  /** Work is bounded by the size of the file: a row that holds something takes some of it. */
  private void checkRows() throws IOException {
    long rows = reader.getRecordCount();
    long bytes = Files.size(file);
    if (rows / ROWS_PER_BYTE > bytes) {
      throw new DataException(
          new Origin(file.toString(), 0),
          "says that it has %s rows in %s bytes, at most %s in a byte are believed"
              .formatted(rows, bytes, ROWS_PER_BYTE));
    }
  }

  @Override
  public Origin origin() {
    return new Origin(file.toString(), row);
  }

  @Override
  public @Nullable JsonNode next() throws IOException {
    try {
      if (rowsLeft == 0 && !nextRowGroup()) {
        return null;
      }
      row++;
      rowsLeft--;
      // A row is left, so its group is open. Its texts may lie outside their page.
      Group group = Objects.requireNonNull(rows).read();
      return new ParquetRow(origin(), maxRecordBytes).toJson(group);
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) { // a page may ask for any size
      throw broken(e);
    }
  }

  private boolean nextRowGroup() throws IOException {
    PageReadStore pages = reader.readNextRowGroup();
    if (pages == null) {
      return false;
    }
    rowsLeft = pages.getRowCount();
    rows = columns.getRecordReader(pages, new GroupRecordConverter(schema));
    return rowsLeft > 0 || nextRowGroup();
  }

  private DataException broken(Throwable e) {
    return new DataException(
        new Origin(file.toString(), 0), "cannot be read as Parquet: " + e.getMessage(), e);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
