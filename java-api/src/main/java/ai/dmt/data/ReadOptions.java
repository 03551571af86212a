package ai.dmt.data;

import ai.dmt.config.Faults;
import java.util.List;

/**
 * How a file of training data is read.
 *
 * @param format name of a format, or {@link #AUTO} to tell it by the fields of each record
 * @param fields names of fields that differ from those of the format
 * @param skipPolicy what happens to a record at fault
 * @param roleOrder what happens to a conversation whose roles do not alternate
 * @param unreadText what happens to a record with text in fields that its format does not have
 * @param maxRecordBytes largest record, in bytes after decompression; bounds the memory needed
 */
public record ReadOptions(
    String format,
    FieldMapping fields,
    SkipPolicy skipPolicy,
    RoleOrder roleOrder,
    UnreadText unreadText,
    int maxRecordBytes) {
  /** The format of each record is told by its fields. */
  public static final String AUTO = "auto";

  /** Largest record unless said otherwise: 16 MiB. */
  public static final int DEFAULT_MAX_RECORD_BYTES = 1 << 24;

  /** What happens to a conversation whose roles do not alternate. */
  public enum RoleOrder {
    /** It is a fault of the record, see {@link SkipPolicy}. */
    FAIL,
    /** It is dropped and counted, as FastChat does. */
    DROP
  }

  /** What happens to a record with text in fields that its format does not have. */
  public enum UnreadText {
    /** It is trained on without them, and counted by field. */
    COUNT,
    /** It is a fault of the record, see {@link SkipPolicy}. */
    FAIL
  }

  /** Names of the formats that a file may be read as, beside {@link #AUTO}. */
  public static List<String> formats() {
    return RecordFormat.names();
  }

  /** Checks that the format is known. */
  public ReadOptions {
    new Faults("read")
        .require(
            AUTO.equals(format) || RecordFormat.names().contains(format),
            "no format is named \"%s\"; known are %s, %s"
                .formatted(format, AUTO, String.join(", ", RecordFormat.names())))
        .present("fields", fields)
        .present("skipPolicy", skipPolicy)
        .present("roleOrder", roleOrder)
        .present("unreadText", unreadText)
        .positive("maxRecordBytes", maxRecordBytes)
        .throwIfAny();
  }

  /** Formats are told by their fields, and the first fault ends the reading. */
  public static ReadOptions defaults() {
    return new ReadOptions(
        AUTO,
        FieldMapping.NONE,
        SkipPolicy.fail(),
        RoleOrder.FAIL,
        UnreadText.COUNT,
        DEFAULT_MAX_RECORD_BYTES);
  }

  /** The same with another format. */
  public ReadOptions withFormat(String value) {
    return new ReadOptions(value, fields, skipPolicy, roleOrder, unreadText, maxRecordBytes);
  }

  /** The same with other names of fields. */
  public ReadOptions withFields(FieldMapping value) {
    return new ReadOptions(format, value, skipPolicy, roleOrder, unreadText, maxRecordBytes);
  }

  /** The same with another policy for faults. */
  public ReadOptions withSkipPolicy(SkipPolicy value) {
    return new ReadOptions(format, fields, value, roleOrder, unreadText, maxRecordBytes);
  }

  /** The same with another policy for the order of roles. */
  public ReadOptions withRoleOrder(RoleOrder value) {
    return new ReadOptions(format, fields, skipPolicy, value, unreadText, maxRecordBytes);
  }

  /** The same with another policy for fields that are not read. */
  public ReadOptions withUnreadText(UnreadText value) {
    return new ReadOptions(format, fields, skipPolicy, roleOrder, value, maxRecordBytes);
  }

  /** The same with another limit. */
  public ReadOptions withMaxRecordBytes(int value) {
    return new ReadOptions(format, fields, skipPolicy, roleOrder, unreadText, value);
  }
}
