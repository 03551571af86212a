package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads results.json: cells by group, values of metrics over seeds. */
final class ResultView {
  private final JsonNode results;
  private final Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
  private final List<Metric> metrics;

  ResultView(JsonNode results) {
    this.results = results;
    this.metrics = Metric.of(results);
    for (JsonNode cell : results.path("cells")) {
      groups.computeIfAbsent(cell.path("group").asText(), group -> new ArrayList<>()).add(cell);
    }
  }

  JsonNode json() {
    return results;
  }

  List<Metric> metrics() {
    return metrics;
  }

  /** Scores; held-out losses where there are no scores. */
  List<Metric> shown() {
    List<Metric> scores =
        metrics.stream()
            .filter(metric -> !metric.isLoss())
            .filter(
                metric ->
                    base(metric).isPresent()
                        || groups.keySet().stream().anyMatch(g -> !values(g, metric).isEmpty()))
            .toList();
    return scores.isEmpty() ? metrics : scores;
  }

  /** Metrics of a source's ability. */
  List<Metric> metrics(String source) {
    return metrics.stream().filter(metric -> metric.source().equals(source)).toList();
  }

  List<String> sources() {
    List<String> names = new ArrayList<>();
    results.path("sources").forEach(name -> names.add(name.asText()));
    return names;
  }

  boolean has(String group) {
    return groups.containsKey(group);
  }

  /** Cells of a group, one for each seed. */
  List<JsonNode> cells(String group) {
    return groups.getOrDefault(group, List.of());
  }

  /** Groups of a question, in the order of the grid. */
  List<String> groups(StudyQuestion question) {
    return groups.entrySet().stream()
        .filter(group -> group.getValue().get(0).path("question").asText().equals(question.word()))
        .map(Map.Entry::getKey)
        .toList();
  }

  List<Double> amounts() {
    return numbers("amounts");
  }

  List<Double> dmtK() {
    return numbers("dmt_k");
  }

  double headlineK() {
    return results.at("/grid/headline_k").asDouble();
  }

  private List<Double> numbers(String key) {
    List<Double> values = new ArrayList<>();
    results.path("grid").path(key).forEach(value -> values.add(value.asDouble()));
    return values.stream().sorted().toList();
  }

  /** A metric of the base model. */
  Optional<Metric.Observed> base(Metric metric) {
    return metric.of(results.path("base"), true);
  }

  /** A metric of a group by seed; seeds without it are left out. */
  Map<Long, Metric.Observed> values(String group, Metric metric) {
    Map<Long, Metric.Observed> values = new LinkedHashMap<>();
    for (JsonNode cell : cells(group)) {
      metric.of(cell, false).ifPresent(value -> values.put(cell.path("seed").asLong(), value));
    }
    return values;
  }

  /** A metric of a group over seeds, in the metric's own unit; empty where no seed has it. */
  Optional<Contrast.Estimate> estimate(String group, Metric metric) {
    return new Contrast(group, Map.of(group, 1.0))
        .of(this, metric)
        .map(found -> metric.isLoss() ? found.negated() : found);
  }

  /** A cell whose model is that of a node; missing where none ends with it. */
  JsonNode cellOf(String node) {
    for (List<JsonNode> cells : groups.values()) {
      for (JsonNode cell : cells) {
        JsonNode stages = cell.path("stages");
        if (stages.path(stages.size() - 1).path("node").asText().equals(node)) {
          return cell;
        }
      }
    }
    return MissingNode.getInstance();
  }

  /**
   * How much a metric of one group differs between seeds.
   *
   * @param variance pooled over all groups
   * @param degrees of freedom; 0 where there is one seed
   */
  record SeedSpread(double variance, int degrees) {}

  /** Pooled over groups; those that are the same models count once. */
  SeedSpread seedSpread(Metric metric) {
    double squares = 0;
    int degrees = 0;
    Set<String> seen = new HashSet<>();
    for (Map.Entry<String, List<JsonNode>> group : groups.entrySet()) {
      JsonNode stages = group.getValue().get(0).path("stages");
      if (seen.add(stages.path(stages.size() - 1).path("node").asText())) {
        double[] values =
            values(group.getKey(), metric).values().stream()
                .mapToDouble(Metric.Observed::value)
                .toArray();
        double mean = Arrays.stream(values).average().orElse(0);
        squares += Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
        degrees += Math.max(0, values.length - 1);
      }
    }
    return new SeedSpread(degrees == 0 ? 0 : squares / degrees, degrees);
  }
}
