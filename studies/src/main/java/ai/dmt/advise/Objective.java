package ai.dmt.advise;

import ai.dmt.internal.text.Faults;
import ai.dmt.study.StudyDefinition;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the user wants of a mixture: a low weighted mean of the logarithms of held-out losses, so
 * that a tenth less of one loss is worth a tenth less of another, and losses that must not grow.
 *
 * @param weights by ability, at least 0; not all 0
 * @param keep by ability, in (0, 1]: the least that the lowest loss of all candidates may be of the
 *     mixture's
 */
public record Objective(Map<String, Double> weights, Map<String, Double> keep) {
  /**
   * Checks ranges; keeps the order.
   *
   * @param weights by ability, at least 0; not all 0
   * @param keep by ability, in (0, 1]
   */
  public Objective {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    keep = Collections.unmodifiableMap(new LinkedHashMap<>(keep));
    Faults faults =
        new Faults("advise")
            .require(
                weights.values().stream().anyMatch(weight -> weight > 0),
                "an ability needs a weight above 0, got " + weights);
    weights.forEach((ability, weight) -> faults.notNegative("weight of " + ability, weight));
    keep.forEach(
        (ability, least) ->
            faults.require(
                least > 0 && least <= 1,
                "what is kept of %s must be in (0, 1], got %s".formatted(ability, least)));
    faults.throwIfAny();
  }

  /**
   * {@return the objective that counts all abilities alike}
   *
   * @param abilities names of sources
   */
  public static Objective equal(Collection<String> abilities) {
    Map<String, Double> weights = new LinkedHashMap<>();
    abilities.forEach(ability -> weights.put(ability, 1.0));
    return new Objective(weights, Map.of());
  }

  /**
   * Throws if it is of sources that there are not; those that it does not name count for nothing.
   */
  void demandSources(Collection<String> sources) {
    Faults faults = new Faults("advise");
    Set<String> named = new LinkedHashSet<>(weights.keySet());
    named.addAll(keep.keySet());
    for (String ability : named) {
      faults.require(
          sources.contains(ability),
          "there is no source \"%s\", only %s%s"
              .formatted(
                  ability,
                  String.join(", ", sources),
                  ability.equals(StudyDefinition.BASE_TEXT) ? "; --base-text N adds base" : ""));
    }
    faults.throwIfAny();
  }

  /** The weighted mean; the lower, the better. @param logLosses by ability */
  double of(Map<String, Double> logLosses) {
    double sum = 0;
    double all = 0;
    for (Map.Entry<String, Double> weight : weights.entrySet()) {
      Double loss = logLosses.get(weight.getKey());
      if (loss == null) {
        throw new IllegalArgumentException(
            "no loss of %s, only of %s".formatted(weight.getKey(), logLosses.keySet()));
      }
      sum += weight.getValue() * loss;
      all += weight.getValue();
    }
    return sum / all;
  }

  /** Whether an ability has a weight or is to be kept. */
  boolean counts(String ability) {
    return weights.getOrDefault(ability, 0.0) > 0 || keep.containsKey(ability);
  }

  /** By how much a deviation of an ability's logarithm of loss moves the mean. */
  double slope(String ability) {
    double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    return weights.getOrDefault(ability, 0.0) / all;
  }
}
