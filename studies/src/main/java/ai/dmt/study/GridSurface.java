package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One measure over the ratio x amount grid: how an ability fares with other data beside its own.
 */
final class GridSurface {
  private final ResultView view;
  private final Metric metric;
  private final double margin;
  private final int leastSeeds;
  private final boolean general; // whether the ability's own data are the general sources

  GridSurface(ResultView view, Metric metric, Registration registration) {
    this.view = view;
    this.metric = metric;
    this.margin = registration.margin(metric);
    this.leastSeeds = registration.plan().leastSeeds();
    this.general = view.isGeneral(metric.source());
  }

  Metric metric() {
    return metric;
  }

  /** Shares of the ability's own kind of data, rising, without 0. */
  List<Double> own() {
    return above0(general ? view.gridGeneral() : view.gridSpecialized());
  }

  /** Shares of the other kind, rising, without 0. */
  List<Double> other() {
    return above0(general ? view.gridSpecialized() : view.gridGeneral());
  }

  /** Such as "specialized". */
  String otherKind() {
    return general ? "specialized" : "general";
  }

  String ownKind() {
    return general ? "general" : "specialized";
  }

  private static List<Double> above0(List<Double> shares) {
    return shares.stream().filter(share -> share > 0).toList();
  }

  String group(double own, double other) {
    return general ? GridCells.group(other, own) : GridCells.group(own, other);
  }

  /** What an amount of other data does to the ability, against none of it. */
  Optional<Claim.Tested> effect(double own, double other) {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put(group(own, other), 1.0);
    weights.put(group(own, 0), -1.0);
    List<Contrast> contrast = List.of(new Contrast(metric, weights));
    return Contrast.mean(contrast, view)
        .map(effect -> new Claim.Tested(contrast, Claim.Expected.NOT_LESS, margin, effect));
  }

  /** Of the amounts that are complete; empty where none is. */
  Optional<Interference> interference(double own) {
    List<Double> amounts = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    for (double other : other()) {
      effect(own, other)
          .ifPresent(
              tested -> {
                amounts.add(other);
                effects.add(tested.effect());
              });
    }
    return amounts.isEmpty()
        ? Optional.empty()
        : Optional.of(new Interference(amounts, effects, margin, leastSeeds));
  }

  /** Rows of the other kind for each row of the ability's own kind, where both are whole. */
  OptionalDouble rowsOfOtherPerOwn() {
    long own = rows(general);
    long other = rows(!general);
    return own == 0 || other == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) other / own);
  }

  /** Rows of the largest amount of one kind, as if it were the whole. */
  private long rows(boolean ofGeneral) {
    double share =
        (ofGeneral ? view.gridGeneral() : view.gridSpecialized())
            .stream().mapToDouble(Double::doubleValue).max().orElse(0);
    String group = ofGeneral ? GridCells.group(0, share) : GridCells.group(share, 0);
    long[] rows = {0};
    view.cells(group).stream()
        .limit(1)
        .forEach(
            cell ->
                cell.path("stages")
                    .path(0)
                    .path("samples")
                    .properties()
                    .forEach(source -> rows[0] += source.getValue().asLong()));
    return share == 0 ? 0 : Math.round(rows[0] / share);
  }

  /** A share of the other data as readers see it, with its ratio to the ability's own. */
  String amount(double other, double own) {
    String text = Share.text(other) + " of " + otherKind();
    OptionalDouble ratio = rowsOfOtherPerOwn();
    return ratio.isEmpty()
        ? text
        : text + Units.format(" (%.2g rows per own row)", ratio.getAsDouble() * other / own);
  }
}
