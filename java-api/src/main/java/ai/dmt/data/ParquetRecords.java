package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** Rows of a Parquet file, one row group in memory at a time; the "line" of a row is its number. */
final class ParquetRecords implements RecordSource {
  private final Path file;
  private final int maxRecordBytes;
  private final ParquetFileReader reader;
  private final MessageType schema;
  private final MessageColumnIO columns;
  private RecordReader<Group> rows;
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
    } catch (RuntimeException e) {
      throw broken(e);
    }
    this.schema = reader.getFileMetaData().getSchema();
    this.columns = new ColumnIOFactory().getColumnIO(schema);
  }

  @Override
  public Origin origin() {
    return new Origin(file.toString(), row);
  }

  @Override
  public JsonNode next() throws IOException {
    Group group;
    try {
      if (rowsLeft == 0 && !nextRowGroup()) {
        return null;
      }
      row++;
      rowsLeft--;
      group = rows.read();
    } catch (RuntimeException e) {
      throw broken(e);
    }
    return new ParquetRow(origin(), maxRecordBytes).toJson(group);
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

  private DataException broken(RuntimeException e) {
    return new DataException(
        new Origin(file.toString(), 0), "cannot be read as Parquet: " + e.getMessage(), e);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
