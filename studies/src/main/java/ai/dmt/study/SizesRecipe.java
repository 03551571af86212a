package ai.dmt.study;

import ai.dmt.internal.text.Faults;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models of several sizes that a study compares: what {@link StudyQuestion#SIZE} asks. One of them
 * may be the study's own model; what is trained of it is then shared with the other questions.
 *
 * @param models by name: the folder of a model, or one of the bundled world's sizes
 * @param amounts shares of each source alone, and of the mixture, in (0, 1]
 * @param share of all sources in mixed-sequential and DMT, in (0, 1]
 * @param scoredSeeds seeds whose models are scored; of the others there is the held-out loss alone.
 *     0 for all
 */
public record SizesRecipe(
    Map<String, String> models, List<Double> amounts, double share, int scoredSeeds) {
  /**
   * Checks names and ranges.
   *
   * @param models by name: the folder of a model, or one of the bundled world's sizes
   * @param amounts shares of each source alone, and of the mixture, in (0, 1]
   * @param share of all sources in mixed-sequential and DMT, in (0, 1]
   * @param scoredSeeds seeds whose models are scored; of the others there is the held-out loss
   *     alone. 0 for all
   */
  public SizesRecipe {
    models = models == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(models));
    amounts = amounts == null ? List.of() : List.copyOf(amounts);
    Faults faults =
        new Faults("sizes")
            .require(models.size() > 1, "models must name two sizes or more, got " + models)
            .require(!amounts.isEmpty(), "amounts must name at least one share")
            .require(share > 0 && share <= 1, "share must be in (0, 1], got " + share)
            .notNegative("scored_seeds", scoredSeeds);
    StudyDefinition.checkShares(faults, "amounts", amounts);
    models.forEach(
        (name, folder) ->
            faults
                .require(
                    name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
                    "models: a name has letters, digits, dots and dashes, got \"%s\""
                        .formatted(name))
                .require(!folder.isBlank(), "models.%s must name a model".formatted(name)));
    faults.throwIfAny();
  }

  /** {@return what is used where a study says nothing, by component; the models must be said} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("amounts", List.of(1.0, 1 / 256.0));
    values.put("share", 1.0);
    values.put("scoredSeeds", 0);
    return values;
  }

  SizesRecipe withModels(Map<String, String> others) {
    return new SizesRecipe(others, amounts, share, scoredSeeds);
  }

  /** All runs, size after size. */
  List<CellArm> arms(StudyDefinition study) {
    RepeatedCells cells = new RepeatedCells(study, amounts, share, List.of("mixed-sequential"));
    return models.entrySet().stream()
        .flatMap(each -> cells.of(trained(each.getKey(), each.getValue())).stream())
        .toList();
  }

  private static RepeatedCells.Trained trained(String size, String folder) {
    List<String> model = List.of("model=\"%s\"".formatted(folder));
    return new RepeatedCells.Trained(name(size), size, LoraRecipe.FULL, model);
  }

  /** What groups of a size begin with; without it they would be those of another question. */
  static String name(String size) {
    return "size " + size;
  }
}
