package ai.dmt.conflict;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What other data did to an ability in one place of a grid, and what could have told it.
 *
 * @param cluster the ability, and the study where there are several: what its places have in common
 *     is no evidence
 * @param row places with the same amount of the ability's own data
 * @param effect of the other data, more is better
 * @param factors by name, the same names everywhere
 */
public record Interfering(String cluster, String row, double effect, Map<String, Double> factors) {
  /**
   * Keeps the order.
   *
   * @param cluster as above
   * @param row as above
   * @param effect of the other data, more is better
   * @param factors by name
   */
  public Interfering {
    factors = Collections.unmodifiableMap(new LinkedHashMap<>(factors));
  }
}
