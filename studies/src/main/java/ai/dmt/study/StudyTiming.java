package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** How fast finished nodes were. */
final class StudyTiming {
  /** Name of the file in a node's and in an evaluation's folder. */
  static final String FILE = "timing.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private StudyTiming() {}

  /**
   * Tokens of all finished nodes over their seconds of training; empty if none is finished.
   *
   * @param cost of a token by size, in tokens of the study's own model
   */
  static OptionalDouble tokensPerSecond(
      StudyFolder folder, List<StageNode> nodes, ToDoubleFunction<String> cost) {
    double tokens = 0;
    double seconds = 0;
    for (StageNode node : nodes) {
      Path file = folder.node(node.key()).resolve(FILE);
      if (Files.exists(file)) {
        JsonNode timing = read(file);
        tokens += timing.path("tokens").asDouble() * cost.applyAsDouble(node.size());
        seconds += timing.path("train_seconds").asDouble();
      }
    }
    return seconds > 0 ? OptionalDouble.of(tokens / seconds) : OptionalDouble.empty();
  }

  static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
