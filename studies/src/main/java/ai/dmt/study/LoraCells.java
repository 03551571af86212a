package ai.dmt.study;

import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.List;

/**
 * The same runs with all weights and with adapters of each rank: each source alone and the mixture
 * at some amounts; sequential, mixed-sequential and DMT at one share of all data. Those of all
 * weights are other questions' runs, too, where these have the share, and trained once.
 */
final class LoraCells {
  private final StudyDefinition study;
  private final LoraRecipe lora;

  LoraCells(StudyDefinition study, LoraRecipe lora) {
    this.study = study;
    this.lora = lora;
  }

  /**
   * A run.
   *
   * @param rank of the adapter, {@link LoraRecipe#FULL} for all weights
   * @param group that its seeds share
   * @param setup source, "mixed" or strategy
   * @param share of the data, or k of DMT
   * @param changes of the recipe
   */
  record Arm(int rank, String group, String setup, double share, List<String> changes) {}

  /** All runs: those of all weights, then rank after rank. */
  List<Arm> all() {
    List<Arm> arms = new ArrayList<>();
    add(arms, LoraRecipe.FULL);
    lora.ranks().forEach(rank -> add(arms, rank));
    return arms;
  }

  private void add(List<Arm> arms, int rank) {
    for (double amount : lora.amounts()) {
      for (String source : study.recipe().sources().keySet()) {
        List<String> changes = new ArrayList<>(lora.changes(rank));
        changes.add(StudyCells.individual(source));
        changes.add(fraction(source, amount));
        arms.add(new Arm(rank, LoraRecipe.alone(rank, source, amount), source, amount, changes));
      }
      arms.add(
          new Arm(
              rank,
              LoraRecipe.mixed(rank, amount),
              "mixed",
              amount,
              changes(rank, StudyCells.strategy("multi-task"), amount)));
    }
    double share = lora.share();
    for (String name : List.of("sequential", "mixed-sequential")) {
      arms.add(
          new Arm(
              rank,
              LoraRecipe.staged(rank, name),
              name,
              share,
              changes(rank, StudyCells.strategy(name), share)));
    }
    double k = study.headlineK();
    arms.add(
        new Arm(
            rank,
            LoraRecipe.staged(rank, "dmt k=" + Share.text(k)),
            "dmt",
            k,
            changes(rank, StudyCells.dmt(k), share)));
  }

  /** The same share of all sources. */
  private List<String> changes(int rank, String strategy, double share) {
    List<String> changes = new ArrayList<>(lora.changes(rank));
    changes.add(strategy);
    study.recipe().sources().keySet().forEach(source -> changes.add(fraction(source, share)));
    return changes;
  }

  private static String fraction(String source, double share) {
    return "sources.%s.fraction=%s".formatted(source, share);
  }
}
