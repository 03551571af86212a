package ai.dmt.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines of a run's metrics.jsonl. */
final class MetricsLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MetricsLines() {}

  /**
   * Those that say the same of the same run: not which rank was slow, which a machine's load
   * decides.
   */
  static List<JsonNode> read(Path output) throws IOException {
    return all(output).stream().filter(line -> !isOf(line, "rank_speed")).toList();
  }

  /** Those of steps. */
  static List<JsonNode> steps(Path output) throws IOException {
    return all(output).stream().filter(line -> isOf(line, "step")).toList();
  }

  private static boolean isOf(JsonNode line, String type) {
    return line.path("type").asText().equals(type);
  }

  private static List<JsonNode> all(Path output) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }
}
