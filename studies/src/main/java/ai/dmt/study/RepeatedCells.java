package ai.dmt.study;

import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.List;

/**
 * The same runs of models of several sizes, or with adapters of several ranks: each source alone
 * and the mixture at some amounts; strategies of several stages, and DMT, at one share of all data.
 * Those that other questions have, too, are trained once.
 */
final class RepeatedCells {
  private final StudyDefinition study;
  private final List<Double> amounts;
  private final double share;
  private final List<String> strategies;

  /**
   * @param strategies of several stages beside DMT
   */
  RepeatedCells(
      StudyDefinition study, List<Double> amounts, double share, List<String> strategies) {
    this.study = study;
    this.amounts = amounts;
    this.share = share;
    this.strategies = strategies;
  }

  /**
   * What is trained.
   *
   * @param name that groups begin with
   * @param size name of the model's; empty for the study's own model
   * @param loraRank of the adapter, {@link LoraRecipe#FULL} for all weights
   * @param changes of the recipe
   */
  record Trained(String name, String size, int loraRank, List<String> changes) {}

  /** The runs of one of them. */
  List<CellArm> of(Trained trained) {
    List<CellArm> arms = new ArrayList<>();
    for (double amount : amounts) {
      for (String source : study.recipe().sources().keySet()) {
        arms.add(
            arm(
                trained,
                alone(trained.name(), source, amount),
                source,
                amount,
                List.of(StudyCells.individual(source), fraction(source, amount))));
      }
      String multiTask = StudyCells.strategy("multi-task");
      String mixed = mixed(trained.name(), amount);
      arms.add(arm(trained, mixed, "mixed", amount, ofAll(multiTask, amount)));
    }
    for (String name : strategies) {
      String group = staged(trained.name(), name);
      arms.add(arm(trained, group, name, share, ofAll(StudyCells.strategy(name), share)));
    }
    double k = study.headlineK();
    String dmt = staged(trained.name(), "dmt k=" + Share.text(k));
    arms.add(arm(trained, dmt, "dmt", k, ofAll(StudyCells.dmt(k), share)));
    return arms;
  }

  private static CellArm arm(
      Trained trained, String group, String setup, double share, List<String> changes) {
    List<String> all = new ArrayList<>(trained.changes());
    all.addAll(changes);
    return new CellArm(group, setup, share, trained.size(), trained.loraRank(), all);
  }

  /** The same share of all sources. */
  private List<String> ofAll(String strategy, double share) {
    List<String> changes = new ArrayList<>(List.of(strategy));
    study.recipe().sources().keySet().forEach(source -> changes.add(fraction(source, share)));
    return changes;
  }

  private static String fraction(String source, double share) {
    return "sources.%s.fraction=%s".formatted(source, share);
  }

  /** The group of a source alone. @param name as {@link Trained} has it */
  static String alone(String name, String source, double amount) {
    return "%s amount %s k=%s".formatted(name, source, Share.text(amount));
  }

  /** The group of all sources, the same share of each. */
  static String mixed(String name, double amount) {
    return "%s mixed k=%s".formatted(name, Share.text(amount));
  }

  /** The group of a strategy of several stages. */
  static String staged(String name, String strategy) {
    return name + " " + strategy;
  }
}
