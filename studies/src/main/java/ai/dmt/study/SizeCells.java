package ai.dmt.study;

import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs that claims about the size of a model need, for each size: each source alone and the
 * mixture at some amounts, mixed-sequential and DMT at one share of all data. Those of the study's
 * own model are other questions' runs, too, and trained once.
 */
final class SizeCells {
  private final StudyDefinition study;
  private final SizesRecipe sizes;

  SizeCells(StudyDefinition study, SizesRecipe sizes) {
    this.study = study;
    this.sizes = sizes;
  }

  /**
   * A run.
   *
   * @param size name of the model's
   * @param group that its seeds share
   * @param setup source, "mixed" or strategy
   * @param share of the data, or k of DMT
   * @param changes of the recipe
   */
  record Arm(String size, String group, String setup, double share, List<String> changes) {}

  /** All runs, size after size. */
  List<Arm> all() {
    List<Arm> arms = new ArrayList<>();
    sizes.models().forEach((size, model) -> add(arms, size, model));
    return arms;
  }

  private void add(List<Arm> arms, String size, String folder) {
    String model = "model=\"%s\"".formatted(folder);
    for (double amount : sizes.amounts()) {
      for (String source : study.recipe().sources().keySet()) {
        String fraction = fraction(source, amount);
        arms.add(
            new Arm(
                size,
                SizesRecipe.alone(size, source, amount),
                source,
                amount,
                List.of(model, StudyCells.individual(source), fraction)));
      }
      String mixed = SizesRecipe.mixed(size, amount);
      arms.add(new Arm(size, mixed, "mixed", amount, changes(model, "multi-task", amount)));
    }
    arms.add(
        new Arm(
            size,
            SizesRecipe.group(size, "mixed-sequential"),
            "mixed-sequential",
            sizes.share(),
            changes(model, "mixed-sequential", sizes.share())));
    double k = study.headlineK();
    List<String> dmt = changes(model, "dmt", sizes.share());
    dmt.set(1, StudyCells.dmt(k));
    arms.add(new Arm(size, SizesRecipe.group(size, "dmt k=" + Share.text(k)), "dmt", k, dmt));
  }

  /** The same share of all sources. */
  private List<String> changes(String model, String strategy, double share) {
    List<String> changes = new ArrayList<>();
    changes.add(model);
    changes.add("strategy={name: %s}".formatted(strategy));
    study.recipe().sources().keySet().forEach(source -> changes.add(fraction(source, share)));
    return changes;
  }

  private static String fraction(String source, double share) {
    return "sources.%s.fraction=%s".formatted(source, share);
  }
}
