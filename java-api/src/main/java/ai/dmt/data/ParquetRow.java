package ai.dmt.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** A row of a Parquet file as JSON: strings, numbers, truth values, groups and lists of those. */
final class ParquetRow {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Origin origin;
  private final int maxBytes;
  private long bytes;

  ParquetRow(Origin origin, int maxBytes) {
    this.origin = origin;
    this.maxBytes = maxBytes;
  }

  /**
   * The whole row; fields that are null are left out.
   *
   * @throws RecordFaultException if it is too large, or a text is no UTF-8
   */
  ObjectNode toJson(Group group) {
    ObjectNode object = JSON.objectNode();
    GroupType type = group.getType();
    for (int field = 0; field < type.getFieldCount(); field++) {
      Type fieldType = type.getType(field);
      int count = group.getFieldRepetitionCount(field);
      if (fieldType.isRepetition(Type.Repetition.REPEATED)) {
        ArrayNode array = object.putArray(fieldType.getName());
        for (int i = 0; i < count; i++) {
          array.add(value(group, field, i));
        }
      } else if (count > 0) {
        object.set(fieldType.getName(), value(group, field, 0));
      }
    }
    return object;
  }

  private JsonNode value(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return primitive(group, field, index);
    }
    Group nested = group.getGroup(field, index);
    return type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation
        ? list(nested)
        : toJson(nested);
  }

  /** A list is a group of one repeated group of one element; old files lack the inner group. */
  private ArrayNode list(Group group) {
    ArrayNode array = JSON.arrayNode();
    Type repeated = group.getType().getType(0);
    boolean wrapped = !repeated.isPrimitive() && repeated.asGroupType().getFieldCount() == 1;
    for (int i = 0; i < group.getFieldRepetitionCount(0); i++) {
      if (!wrapped) {
        array.add(value(group, 0, i));
      } else {
        Group element = group.getGroup(0, i);
        array.add(element.getFieldRepetitionCount(0) == 0 ? JSON.nullNode() : value(element, 0, 0));
      }
    }
    return array;
  }

  private JsonNode primitive(Group group, int field, int index) {
    Type type = group.getType().getType(field);
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> JSON.booleanNode(group.getBoolean(field, index));
      case INT32 -> JSON.numberNode(group.getInteger(field, index));
      case INT64 -> JSON.numberNode(group.getLong(field, index));
      case FLOAT -> JSON.numberNode(group.getFloat(field, index));
      case DOUBLE -> JSON.numberNode(group.getDouble(field, index));
      case BINARY -> isText(type) ? JSON.textNode(text(group, field, index)) : JSON.nullNode();
      case FIXED_LEN_BYTE_ARRAY, INT96 -> JSON.nullNode(); // no format has a field of this type
    };
  }

  /** Bytes without any note are text in old files; those of other notes are not. */
  private static boolean isText(Type type) {
    LogicalTypeAnnotation note = type.getLogicalTypeAnnotation();
    return note == null
        || note instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
        || note instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation
        || note instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
  }

  private String text(Group group, int field, int index) {
    byte[] utf8 = group.getBinary(field, index).getBytes();
    bytes += utf8.length;
    if (bytes > maxBytes) {
      throw new RecordFaultException(
          origin,
          "the record is larger than %s bytes; split it, or raise max_record_bytes"
              .formatted(maxBytes));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new RecordFaultException(
          origin, "\"%s\" is not valid UTF-8".formatted(group.getType().getFieldName(field)), e);
    }
  }
}
