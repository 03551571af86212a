package ai.dmt.internal.storage;

import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a folder in an object storage holds: the object that is put last and deleted first.
 *
 * @param files by their names in the folder
 */
record StoredFiles(Map<String, StoredFile> files) {
  /** Its name in the folder. */
  static final String NAME = "dmt_objects.json";

  /** Such as "model.safetensors" or "run/metrics.jsonl": nothing that leads out of a folder. */
  private static final Pattern FILE =
      Pattern.compile("(?!\\.)[^/\\p{Cntrl}]+(/(?!\\.)[^/\\p{Cntrl}]+)*");

  private static final Pattern SUM = Pattern.compile("[0-9a-f]{64}");
  private static final int FORMAT = 1;

  /**
   * One file.
   *
   * @param bytes its size
   * @param sha256 its checksum, in hexadecimal digits
   */
  record StoredFile(long bytes, String sha256) {}

  StoredFiles {
    files = new TreeMap<>(files);
  }

  /** Sum of all sizes. */
  long bytes() {
    return files.values().stream().mapToLong(StoredFile::bytes).sum();
  }

  byte[] toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("format", FORMAT);
    ObjectNode all = json.putObject("files");
    files.forEach(
        (name, file) ->
            all.putObject(name).put("bytes", file.bytes()).put("sha256", file.sha256()));
    return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Reads one. @param where it comes from @throws IOException if it is damaged */
  static StoredFiles parse(byte[] json, String where) throws IOException {
    JsonNode root;
    try {
      root = JsonText.parse(new String(json, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IOException(where + " is damaged: it is no JSON", e);
    }
    if (root.path("format").asInt() != FORMAT) {
      throw new IOException(
          "%s has format %s, expected %s".formatted(where, root.path("format"), FORMAT));
    }
    Map<String, StoredFile> files = new TreeMap<>();
    for (Map.Entry<String, JsonNode> each : root.path("files").properties()) {
      JsonNode bytes = each.getValue().path("bytes");
      String sum = each.getValue().path("sha256").asText();
      if (!FILE.matcher(each.getKey()).matches()
          || !bytes.isIntegralNumber()
          || bytes.asLong() < 0
          || !SUM.matcher(sum).matches()) {
        throw new IOException(
            "%s is damaged: \"%s\" has no name, size and checksum of a file"
                .formatted(where, each.getKey()));
      }
      files.put(each.getKey(), new StoredFile(bytes.asLong(), sum));
    }
    return new StoredFiles(files);
  }
}
