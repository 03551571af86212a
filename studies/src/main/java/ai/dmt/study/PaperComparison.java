package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
      for (String group : List.of("multi-task", "sequential", MIXED)) {
        add(rows, metric, group, group, alone);
      }
      dmt(rows, metric, dmt, alone);
      add(rows, metric, "multi-task", "multi-task", MIXED);
      dmt(rows, metric, dmt, MIXED);
      add(rows, metric, "filtered k=1", "filtered k=1", "mixed k=1");
    }
    List<String> header =
        new ArrayList<>(List.of("difference", "ability", "here", "as odds [95 %]"));
    header.addAll(SIZES);
    header.add("same sign as");
    return new Table(header, rows);
  }

  /** DMT beside the paper's of the same k, and beside the k that the paper chose. */
  private void dmt(List<List<String>> rows, Metric metric, String dmt, String other) {
    add(rows, metric, dmt, dmt, other);
    if (!dmt.equals(PaperResults.CHOSEN)) {
      add(rows, metric, dmt, PaperResults.CHOSEN, other);
    }
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

  /**
   * Adds a row.
   *
   * @param group that is compared here
   * @param ofPaper the paper's run beside it
   * @param other what both are compared with
   */
  private void add(
      List<List<String>> rows, Metric metric, String group, String ofPaper, String other) {
    OptionalDouble one = mean(group, metric);
    OptionalDouble two = mean(other, metric);
    if (one.isEmpty() || two.isEmpty()) {
      return;
    }
    double unit = metric.isShare() ? 100 : 1;
    double here = unit * (one.getAsDouble() - two.getAsDouble());
    Optional<Tested> tested = Comparisons.of(view, metric, group, other);
    boolean decided =
        tested.flatMap(PaperComparison::interval).filter(PaperComparison::isDecided).isPresent();
    String name = GroupNames.readable(group);
    String beside =
        group.equals(ofPaper)
            ? name
            : "%s (the paper's: %s)".formatted(name, GroupNames.readable(ofPaper));
    List<String> row =
        new ArrayList<>(
            List.of(
                beside + " - " + GroupNames.readable(other),
                metric.source(),
                signed(here),
                tested.map(EffectText::withInterval).orElse(EffectText.NONE)));
    int known = 0;
    int same = 0;
    for (String size : SIZES) {
      OptionalDouble first = paper.of(ofPaper, size, metric.benchmark());
      OptionalDouble second = paper.of(other, size, metric.benchmark());
      boolean both = first.isPresent() && second.isPresent();
      double there = both ? first.getAsDouble() - second.getAsDouble() : 0;
      row.add(both ? signed(there) : EffectText.NONE);
      known += both ? 1 : 0;
      same += both && Math.signum(there) == Math.signum(here) ? 1 : 0;
    }
    row.add(
        known == 0
            ? "no such run"
            : decided ? "%s of %s".formatted(same, known) : "sign not decided here");
    if (known > 0 || group.equals(ofPaper)) {
      rows.add(row);
    }
  }

  /** With fewer than three seeds there is none. */
  private static Optional<Interval> interval(Tested tested) {
    return tested.effect().seeds() < 3 ? Optional.empty() : tested.effect().interval();
  }

  private static boolean isDecided(Interval interval) {
    return interval.low() > 0 || interval.high() < 0;
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
