package ai.dmt.tensorboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.protobuf.ProtobufMapper;
import com.fasterxml.jackson.dataformat.protobuf.schema.ProtobufSchema;
import com.fasterxml.jackson.dataformat.protobuf.schema.ProtobufSchemaLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The messages of an event file, by the schema in event.proto. */
final class Events {
  /** What readers ask for before they heed a {@link #start}. */
  private static final String VERSION = "brain.Event:2";

  private static final String SCHEMA = "event.proto";
  private static final int STRINGS = 7;
  private static final int START = 1;

  private static final ProtobufMapper MAPPER = new ProtobufMapper();
  private static final ObjectWriter WRITER;
  private static final ObjectReader READER;

  static {
    try (InputStream in = Events.class.getResourceAsStream(SCHEMA)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      ProtobufSchema schema = ProtobufSchemaLoader.std.parse(text, "Event");
      WRITER = MAPPER.writer(schema);
      READER = MAPPER.readerFor(JsonNode.class).with(schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Events() {}

  /** The first of a file. */
  static byte[] version(double wallTime) {
    return bytes(event(wallTime, 0).put("file_version", VERSION));
  }

  /** Says that what others have read of this step and later ones is no more. */
  static byte[] start(double wallTime, long step) {
    ObjectNode event = event(wallTime, step);
    event.putObject("session_log").put("status", START);
    return bytes(event);
  }

  static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
    ObjectNode event = event(wallTime, step);
    var list = event.putObject("summary").putArray("value");
    values.forEach(
        (tag, value) -> list.addObject().put("tag", tag).put("simple_value", value.floatValue()));
    return bytes(event);
  }

  static byte[] text(double wallTime, long step, String tag, String markdown) {
    ObjectNode event = event(wallTime, step);
    ObjectNode value = event.putObject("summary").putArray("value").addObject().put("tag", tag);
    ObjectNode tensor = value.putObject("tensor").put("dtype", STRINGS);
    tensor.putObject("tensor_shape").putArray("dim").addObject().put("size", 1);
    tensor.putArray("string_val").add(markdown.getBytes(StandardCharsets.UTF_8));
    value.putObject("metadata").putObject("plugin_data").put("plugin_name", "text");
    return bytes(event);
  }

  /** Step of an event that tells something of a step, and below 0 of one that does not. */
  static long step(byte[] event) throws IOException {
    JsonNode read = READER.readTree(event);
    return read.has("summary") ? read.path("step").asLong() : -1;
  }

  /** Texts of an event by their tags; none of an event of numbers. */
  static Map<String, String> texts(byte[] event) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (JsonNode value : READER.readTree(event).path("summary").path("value")) {
      if (value.at("/metadata/plugin_data/plugin_name").asText().equals("text")) {
        byte[] text = value.at("/tensor/string_val/0").binaryValue();
        texts.put(
            value.path("tag").asText(),
            text == null ? "" : new String(text, StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  private static ObjectNode event(double wallTime, long step) {
    return MAPPER.createObjectNode().put("wall_time", wallTime).put("step", step);
  }

  private static byte[] bytes(ObjectNode event) {
    try {
      return WRITER.writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
