package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How much a study trained, as it is.
 *
 * @param runs all cells
 * @param models base models
 * @param ways by number of seeds, how many ways to train have so many
 * @param stages that were trained, each once
 */
record RunCounts(int runs, int models, Map<Integer, Integer> ways, int stages) {
  static RunCounts of(JsonNode results) {
    Map<String, Integer> seeds = new TreeMap<>();
    Set<String> stages = new HashSet<>();
    for (JsonNode cell : results.path("cells")) {
      seeds.merge(cell.path("group").asText(), 1, Integer::sum);
      cell.path("stages").forEach(stage -> stages.add(stage.path("node").asText()));
    }
    Map<Integer, Integer> ways = new TreeMap<>();
    seeds.values().forEach(count -> ways.merge(-count, 1, Integer::sum)); // the most seeds first
    int models = Math.max(1, results.at("/sizes/models").size());
    return new RunCounts(results.path("cells").size(), models, ways, stages.size());
  }

  /** Such as "212 runs of 3 base models: 64 ways to train with 3 seeds each, 20 with one". */
  String text() {
    List<String> parts = new ArrayList<>();
    ways.forEach(
        (negative, count) -> {
          String each = -negative == 1 ? "one seed" : -negative + " seeds each";
          parts.add(
              parts.isEmpty()
                  ? "%s %s with %s".formatted(count, count == 1 ? "way" : "ways", each)
                  : "%s with %s".formatted(count, each));
        });
    return "%s %s of %s: %s"
        .formatted(
            runs,
            runs == 1 ? "run" : "runs",
            models == 1 ? "one base model" : models + " base models",
            String.join(", ", parts));
  }
}
