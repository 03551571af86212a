package ai.dmt.study;

import ai.dmt.evaluators.Score;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A cell of a study: one strategy with one seed, trained and scored.
 *
 * @param id such as "dmt k=1/16 seed 1"
 * @param group cells that differ in the seed alone
 * @param strategy as recipes call it
 * @param seed of the order of samples
 * @param scores by benchmark; none of one that cannot be scored on the machine
 * @param heldOut loss of each source after the last stage, in nats per label token
 */
public record CellResult(
    String id,
    String group,
    String strategy,
    long seed,
    Map<String, List<Score>> scores,
    Map<String, Double> heldOut) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<Score>> SCORES = new TypeReference<>() {};

  /**
   * Keeps the order.
   *
   * @param id as above
   * @param group as above
   * @param strategy as above
   * @param seed as above
   * @param scores as above
   * @param heldOut as above
   */
  public CellResult {
    scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    heldOut = Collections.unmodifiableMap(new LinkedHashMap<>(heldOut));
  }

  /** Of {@code cells[]} in results.json; docs/study.md has the schema. */
  static CellResult of(JsonNode cell) {
    Map<String, List<Score>> scores = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : cell.path("scores").properties()) {
      if (field.getValue().isArray()) { // else it says why there are none
        scores.put(field.getKey(), scores(field.getValue()));
      }
    }
    Map<String, Double> heldOut = new LinkedHashMap<>();
    JsonNode stages = cell.path("stages");
    JsonNode last = stages.path(stages.size() - 1).path("held_out");
    for (Map.Entry<String, JsonNode> field : last.properties()) {
      heldOut.put(field.getKey(), field.getValue().doubleValue());
    }
    return new CellResult(
        cell.path("id").asText(),
        cell.path("group").asText(),
        cell.path("strategy").asText(),
        cell.path("seed").asLong(),
        scores,
        heldOut);
  }

  private static List<Score> scores(JsonNode list) {
    return JSON.convertValue(list, SCORES);
  }
}
