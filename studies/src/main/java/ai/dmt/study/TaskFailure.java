package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Why a task has no result.
 *
 * @param missing whether it cannot be had here, see {@link MissingScoreException}
 * @param reason for people
 */
record TaskFailure(boolean missing, String reason) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Optional<TaskFailure> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode node = JSON.readTree(Files.readString(file));
    return Optional.of(
        new TaskFailure(node.path("missing").asBoolean(), node.path("reason").asText()));
  }

  void write(Path file, String label) throws IOException {
    ObjectNode node =
        JSON.createObjectNode().put("task", label).put("missing", missing).put("reason", reason);
    StudyFolder.replace(file, node.toPrettyString() + "\n");
  }
}
