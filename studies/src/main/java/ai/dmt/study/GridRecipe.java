package ai.dmt.study;

import ai.dmt.internal.text.Faults;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Amounts of the ratio x amount grid: each share of the specialized sources is mixed with each
 * share of the general ones, but for nothing with nothing. No shares, no grid.
 *
 * @param specialized shares of each specialized source, in [0, 1]
 * @param general shares of each general source, in [0, 1]
 */
public record GridRecipe(List<Double> specialized, List<Double> general) {
  private static final int LEAST = 2;

  /**
   * Checks that a grid has something to compare: 0 and another share of either kind.
   *
   * @param specialized shares of each specialized source, in [0, 1]
   * @param general shares of each general source, in [0, 1]
   */
  public GridRecipe {
    specialized = specialized.stream().sorted().toList();
    general = general.stream().sorted().toList();
    Faults faults = new Faults("grid");
    check(faults, "specialized", specialized);
    check(faults, "general", general);
    faults
        .require(
            specialized.isEmpty() == general.isEmpty(),
            "needs shares of both kinds or of none, got specialized %s, general %s"
                .formatted(specialized, general))
        .throwIfAny();
  }

  /** {@return what is used where a study says nothing: no grid} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("specialized", List.of());
    values.put("general", List.of());
    return values;
  }

  /** No grid. */
  static GridRecipe none() {
    return new GridRecipe(List.of(), List.of());
  }

  boolean isEmpty() {
    return specialized.isEmpty();
  }

  private static void check(Faults faults, String key, List<Double> shares) {
    shares.forEach(
        each ->
            faults.require(
                each >= 0 && each <= 1, "%s must be in [0, 1], got %s".formatted(key, each)));
    faults
        .require(
            new HashSet<>(shares).size() == shares.size(),
            "%s must differ, got %s".formatted(key, shares))
        .require(
            shares.isEmpty() || shares.contains(0.0) && shares.size() >= LEAST,
            "%s needs 0 and another share, got %s".formatted(key, shares));
  }
}
