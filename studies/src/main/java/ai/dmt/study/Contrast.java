package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.evaluators.statistics.SeedContrast;
import ai.dmt.evaluators.statistics.SeedContrast.Part;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A weighted sum of groups in one measure, such as the difference of two.
 *
 * @param metric that is compared, on its scale and turned so that more is better
 * @param weights by group
 */
record Contrast(Metric metric, Map<String, Double> weights) {
  /** Copies the map. */
  Contrast {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** Whether it is one group minus another, so that values at an end can only hide a difference. */
  boolean isDifference() {
    return weights.size() == 2 && Set.copyOf(weights.values()).equals(Set.of(1.0, -1.0));
  }

  /** Such as "multi-task - mixed-sequential". */
  String name() {
    StringBuilder name = new StringBuilder();
    weights.forEach(
        (group, weight) -> {
          String sign = weight < 0 ? " - " : name.isEmpty() ? "" : " + ";
          double size = Math.abs(weight);
          name.append(sign).append(size == 1 ? "" : size == 0.5 ? "½ " : size + " ").append(group);
        });
    return name.toString();
  }

  /**
   * The mean of several contrasts, such as of one for each ability, over the seeds that have all of
   * their groups.
   *
   * @return empty where no seed has
   */
  static Optional<Effect> mean(List<Contrast> contrasts, ResultView view) {
    Set<Long> seeds = null;
    for (Contrast contrast : contrasts) {
      for (String group : contrast.weights().keySet()) {
        Set<Long> own = view.values(group, contrast.metric()).keySet();
        if (seeds == null) {
          seeds = new LinkedHashSet<>(own);
        }
        seeds.retainAll(own);
      }
    }
    if (seeds == null || seeds.isEmpty()) {
      return Optional.empty();
    }
    List<Part> parts = new ArrayList<>();
    for (Contrast contrast : contrasts) {
      parts.add(contrast.part(view, seeds));
    }
    return Optional.of(SeedContrast.of(parts));
  }

  private Part part(ResultView view, Set<Long> seeds) {
    List<List<JsonNode>> cells = new ArrayList<>();
    for (long seed : seeds) {
      cells.add(weights.keySet().stream().map(group -> view.cell(group, seed)).toList());
    }
    double[] signed =
        weights.values().stream().mapToDouble(weight -> metric.sign() * weight).toArray();
    List<List<ScaledMean>> means = view.scaled(cells, metric);
    return new Part(signed, means);
  }
}
