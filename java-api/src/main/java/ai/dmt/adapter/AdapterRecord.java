package ai.dmt.adapter;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What dmt notes of an adapter's base beside it, which PEFT's files have no place for.
 *
 * @param digest of the base, see {@link ai.dmt.checkpoint.ModelDigest}
 */
record AdapterRecord(String digest) {
  static final String FILE = "dmt_adapter.json";

  /**
   * Reads the record of a folder; empty if it has none.
   *
   * @throws ConfigException if it is damaged
   */
  static Optional<AdapterRecord> find(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode node = JsonText.read(file);
      if (!node.path("base_digest").isTextual()) {
        throw new ConfigException(file + " is damaged: it has no base_digest");
      }
      return Optional.of(new AdapterRecord(node.path("base_digest").asText()));
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(file, Disk.reason(e)), e);
    }
  }

  String text() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("base_digest", digest);
    return node.toPrettyString() + "\n";
  }
}
