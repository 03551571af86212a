package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Records of a file, one at a time. */
public interface RecordSource extends Closeable {
  /**
   * {@return the next record, or null at the end}
   *
   * @throws RecordFaultException if this record is at fault; the one after it can be read
   * @throws DataException if the file is at fault in a way that nothing more can be read
   * @throws IOException if the file cannot be read or decompressed
   */
  @Nullable JsonNode next() throws IOException;

  /** {@return place of the record that {@link #next} gave or refused last} */
  Origin origin();
}
