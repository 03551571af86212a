package ai.dmt.study;

import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.evaluators.statistics.SeedContrast;
import ai.dmt.evaluators.statistics.SeedContrast.Part;
import ai.dmt.study.Claim.Expected;
import ai.dmt.study.Claim.Tested;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Comparisons beside the registered ones, with the same pairing and the same errors. Each has its
 * own 95 % interval; none has a verdict.
 */
final class Comparisons {
  private Comparisons() {}

  /** One group against another in one measure; empty where a group lacks it. */
  static Optional<Tested> of(ResultView view, Metric metric, String group, String other) {
    return of(view, List.of(metric), each -> difference(group, other));
  }

  /** The mean over some measures of what each is compared by. */
  static Optional<Tested> of(
      ResultView view, List<Metric> metrics, Function<Metric, Map<String, Double>> weights) {
    List<Contrast> contrasts =
        metrics.stream().map(each -> new Contrast(each, weights.apply(each))).toList();
    return contrasts.isEmpty()
        ? Optional.empty()
        : Contrast.mean(contrasts, view)
            .map(effect -> new Tested(contrasts, Expected.MORE, 0, effect));
  }

  static Map<String, Double> difference(String group, String other) {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put(group, 1.0);
    weights.put(other, -1.0);
    return weights;
  }

  /**
   * A group's models after one of their stages.
   *
   * @param group of several stages
   * @param stage number, from 0
   * @param weight in the comparison
   */
  record Leg(String group, int stage, double weight) {}

  /** Of held-out losses between stages; empty where no seed has all of them. */
  static Optional<Tested> ofStages(ResultView view, Metric loss, List<Leg> legs) {
    Set<Long> seeds = null;
    for (Leg leg : legs) {
      Set<Long> own = new LinkedHashSet<>();
      for (JsonNode cell : view.cells(leg.group())) {
        if (loss.of(upTo(cell, leg.stage()), false).isPresent()) {
          own.add(cell.path("seed").asLong());
        }
      }
      if (seeds == null) {
        seeds = own;
      }
      seeds.retainAll(own);
    }
    if (seeds == null || seeds.isEmpty()) {
      return Optional.empty();
    }
    List<List<JsonNode>> cells = new ArrayList<>();
    for (long seed : seeds) {
      List<JsonNode> ofSeed = new ArrayList<>();
      legs.forEach(leg -> ofSeed.add(upTo(view.cell(leg.group(), seed), leg.stage())));
      cells.add(ofSeed);
    }
    double[] weights = legs.stream().mapToDouble(leg -> loss.sign() * leg.weight()).toArray();
    List<List<ScaledMean>> means = view.scaled(cells, loss);
    Map<String, Double> named = new LinkedHashMap<>();
    legs.forEach(leg -> named.merge(leg.group(), leg.weight(), Double::sum));
    return Optional.of(
        new Tested(
            List.of(new Contrast(loss, named)),
            Expected.MORE,
            0,
            SeedContrast.of(List.of(new Part(weights, means)))));
  }

  /** A cell as it was after a stage. */
  private static JsonNode upTo(JsonNode cell, int stage) {
    ObjectNode early = JsonNodeFactory.instance.objectNode();
    early.set("seed", cell.path("seed"));
    for (int i = 0; i <= stage; i++) {
      early.withArray("stages").add(cell.path("stages").path(i));
    }
    return early;
  }
}
