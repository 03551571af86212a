package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Differences between ways to train, here and in the paper's tables: do they go the same way? */
final class PaperComparison {
  private static final String MIXED = "mixed-sequential";
  private static final List<String> SIZES = List.of("7B", "13B", "33B");

  private final ResultView view;
  private final PaperResults paper;

  PaperComparison(ResultView view, PaperResults paper) {
    this.view = view;
    this.paper = paper;
  }

  /**
   * A row for each difference and ability; without rows where neither of its arms was asked for.
   */
  Table table() {
    String dmt = "dmt k=" + Share.text(view.headlineK());
    List<List<String>> rows = new ArrayList<>();
    for (Metric metric : primaryScores()) {
      String alone = metric.source() + " only";
      for (String group : List.of("multi-task", "sequential", MIXED, dmt)) {
        add(rows, metric, group, alone);
      }
      add(rows, metric, "multi-task", MIXED);
      add(rows, metric, dmt, MIXED);
      add(rows, metric, "filtered k=1", "mixed k=1");
    }
    List<String> header = new ArrayList<>(List.of("difference", "ability", "here"));
    header.addAll(SIZES);
    header.add("same sign as");
    return new Table(header, rows);
  }

  /** The first score of each ability that the paper has, too. */
  private List<Metric> primaryScores() {
    List<Metric> first = new ArrayList<>();
    for (String source : view.sources()) {
      view.metrics(source).stream()
          .filter(metric -> PaperResults.COLUMNS.containsKey(metric.benchmark()))
          .findFirst()
          .ifPresent(first::add);
    }
    return first;
  }

  private void add(List<List<String>> rows, Metric metric, String group, String other) {
    OptionalDouble one = mean(group, metric);
    OptionalDouble two = mean(other, metric);
    if (one.isEmpty() || two.isEmpty()) {
      return;
    }
    double unit = metric.isShare() ? 100 : 1;
    double here = unit * (one.getAsDouble() - two.getAsDouble());
    List<String> row =
        new ArrayList<>(
            List.of(GroupNames.readable(group + " - " + other), metric.source(), signed(here)));
    int known = 0;
    int same = 0;
    for (String size : SIZES) {
      OptionalDouble first = paper.of(group, size, metric.benchmark());
      OptionalDouble second = paper.of(other, size, metric.benchmark());
      boolean both = first.isPresent() && second.isPresent();
      double there = both ? first.getAsDouble() - second.getAsDouble() : 0;
      row.add(both ? signed(there) : EffectText.NONE);
      known += both ? 1 : 0;
      same += both && Math.signum(there) == Math.signum(here) ? 1 : 0;
    }
    row.add("%s of %s".formatted(same, known));
    rows.add(row);
  }

  private OptionalDouble mean(String group, Metric metric) {
    return view.values(group, metric).values().stream()
        .mapToDouble(Metric.Observed::value)
        .average();
  }

  private static String signed(double value) {
    return Units.format("%+.2f", value);
  }
}
