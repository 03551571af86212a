package ai.dmt.data;

import ai.dmt.internal.text.Faults;
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

  /** {@return what the sides of a conversation may be called, such as "human" and "gpt"} */
  public static List<String> roles() {
    return RecordFormat.roles();
  }

  /** {@return names of the formats that a file may be read as, beside {@link #AUTO}} */
  public static List<String> formats() {
    return RecordFormat.names();
  }

  /**
   * Checks that the format is known.
   *
   * @param format see {@link #format()}
   * @param fields see {@link #fields()}
   * @param skipPolicy see {@link #skipPolicy()}
   * @param roleOrder see {@link #roleOrder()}
   * @param unreadText see {@link #unreadText()}
   * @param maxRecordBytes see {@link #maxRecordBytes()}
   * @throws ai.dmt.config.ConfigException if it is not, if the limit is not positive, or if a value
   *     is missing
   */
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

  /**
   * {@return options by which formats are told by their fields, and the first fault ends the
   * reading}
   */
  public static ReadOptions defaults() {
    return new ReadOptions(
        AUTO,
        FieldMapping.NONE,
        SkipPolicy.fail(),
        RoleOrder.FAIL,
        UnreadText.COUNT,
        DEFAULT_MAX_RECORD_BYTES);
  }

  /**
   * {@return the same with another {@link #format()}}
   *
   * @param value one of {@link #formats()}, or {@link #AUTO}
   */
  public ReadOptions withFormat(String value) {
    return new ReadOptions(value, fields, skipPolicy, roleOrder, unreadText, maxRecordBytes);
  }

  /**
   * {@return the same with other {@link #fields()}}
   *
   * @param value see {@link #fields()}
   */
  public ReadOptions withFields(FieldMapping value) {
    return new ReadOptions(format, value, skipPolicy, roleOrder, unreadText, maxRecordBytes);
  }

  /**
   * {@return the same with another {@link #skipPolicy()}}
   *
   * @param value see {@link #skipPolicy()}
   */
  public ReadOptions withSkipPolicy(SkipPolicy value) {
    return new ReadOptions(format, fields, value, roleOrder, unreadText, maxRecordBytes);
  }

  /**
   * {@return the same with another {@link #roleOrder()}}
   *
   * @param value see {@link #roleOrder()}
   */
  public ReadOptions withRoleOrder(RoleOrder value) {
    return new ReadOptions(format, fields, skipPolicy, value, unreadText, maxRecordBytes);
  }

  /**
   * {@return the same with another {@link #unreadText()}}
   *
   * @param value see {@link #unreadText()}
   */
  public ReadOptions withUnreadText(UnreadText value) {
    return new ReadOptions(format, fields, skipPolicy, roleOrder, value, maxRecordBytes);
  }

  /**
   * {@return the same with another {@link #maxRecordBytes()}}
   *
   * @param value see {@link #maxRecordBytes()}; at least 1
   */
  public ReadOptions withMaxRecordBytes(int value) {
    return new ReadOptions(format, fields, skipPolicy, roleOrder, unreadText, value);
  }
}
