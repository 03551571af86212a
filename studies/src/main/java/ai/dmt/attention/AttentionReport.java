package ai.dmt.attention;

import ai.dmt.attention.AttentionChanges.Head;
import ai.dmt.attention.AttentionChanges.Means;
import ai.dmt.attention.AttentionDrift.Mean;
import ai.dmt.attention.AttentionDrift.OfSource;
import ai.dmt.independence.Independence.LossChange;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What changed in the attention of a model, as tables and figures. */
public final class AttentionReport {
  private final AttentionChanges found;
  private final AttentionDrift drift;

  /**
   * Of what was found.
   *
   * @param found of one seed's models, by {@link AttentionStudy}
   * @param drift of all seeds' models
   */
  public AttentionReport(AttentionChanges found, AttentionDrift drift) {
    this.found = found;
    this.drift = drift;
  }

  /** {@return a page of its own} */
  public Report report() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "Entropy, in nats, says how widely a head looks; distance how far back, in positions;"
                + " moved is the share of its attention that lies on other positions than in %s."
                    .formatted(found.names().get(0))
                + " All are means over the positions of a sample, then over samples. p (change) is of"
                + " a paired test of entropies over samples, after Holm's correction over heads;"
                + " p (sources) of 2,000 exchanges of the samples among sources, of the most"
                + " different head of all; that samples of sources differ in length can make it so,"
                + " too. "
                + sentence()));
    blocks.add(new TableBlock(seeds(), sources()));
    blocks.add(new Figures(figures()));
    blocks.add(moved());
    if (found.hasWorth()) {
      blocks.add(worth(1));
      blocks.add(worth(0));
    }
    blocks.add(new FoldedTable("Every head", table()));
    return new Report(
        "Attention",
        "%s samples of %s; %s against %s"
            .formatted(
                found.samples(),
                String.join(", ", found.sources()),
                found.names().get(1),
                found.names().get(0)),
        List.of(new Section("attention", "What heads look at", blocks)));
  }

  /** {@return how far attention moved and how many heads changed, in a few words} */
  public String sentence() {
    List<String> moved = new ArrayList<>();
    for (OfSource each : drift.sources()) {
      moved.add("%s %s".formatted(each.source(), mean(each.moved(), 3)));
    }
    boolean one = drift.seeds() == 1;
    String text =
        "Share of the attention that moved%s: %s. Of %s heads%s, %s changed their entropy, and %s"
            + " changed it more in one source than in another.";
    return text.formatted(
        one ? "" : ", over %s seeds".formatted(drift.seeds()),
        String.join(", ", moved),
        found.heads().size(),
        one ? "" : " of the first seed",
        found.changed(),
        found.changedBySource());
  }

  private String seeds() {
    return drift.seeds() == 1
        ? "By source, over all heads; one pair of models gives no interval"
        : "By source, over all heads and %s seeds, with 95 %% intervals over seeds and samples;"
                .formatted(drift.seeds())
            + " what is by head is of the first seed";
  }

  private static String mean(Mean mean, int digits) {
    String number = "%." + digits + "f";
    return mean.interval() == null
        ? Units.format(number, mean.value())
        : Units.format(
            number + " [" + number + ", " + number + "]",
            mean.value(),
            mean.interval().low(),
            mean.interval().high());
  }

  /** {@return a row for each source: what moved, over seeds, and how many heads it needs} */
  public Table sources() {
    List<String> header =
        new ArrayList<>(List.of("source", "moved", "change of entropy", "change of distance"));
    if (found.hasWorth()) {
      found.names().forEach(name -> header.add("heads needed, " + name));
    }
    List<List<String>> rows = new ArrayList<>();
    for (OfSource each : drift.sources()) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  each.source(),
                  mean(each.moved(), 3),
                  mean(each.entropy(), 3),
                  mean(each.distance(), 2)));
      for (int model = 0; found.hasWorth() && model < 2; model++) {
        row.add(Long.toString(found.neededBy(each.source(), model)));
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private static String name(Head head) {
    return "layer %s, head %s".formatted(head.layer() + 1, head.head() + 1);
  }

  private List<Figure> figures() {
    return List.of(
        byLayer("moved", "Attention that moved", "share", Means::moved),
        byLayer(
            "entropy",
            "Change of entropy",
            "nats",
            means -> means.entropy()[1] - means.entropy()[0]),
        byLayer(
            "distance",
            "Change of distance",
            "positions",
            means -> means.distance()[1] - means.distance()[0]));
  }

  /** A line for each source: mean over heads, with their range as a band. */
  private Figure byLayer(String id, String title, String unit, ToDoubleFunction<Means> value) {
    List<Series> series = new ArrayList<>();
    int layers = found.heads().get(found.heads().size() - 1).layer() + 1;
    for (String source : found.sources()) {
      List<Point> points = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        int number = layer;
        double[] values =
            found.heads().stream()
                .filter(head -> head.layer() == number)
                .mapToDouble(head -> value.applyAsDouble(of(head, source)))
                .sorted()
                .toArray();
        double mean = Arrays.stream(values).average().orElseThrow();
        points.add(new Point(layer + 1, mean, values[0], values[values.length - 1]));
      }
      series.add(new Series(source, points, found.sources().indexOf(source)));
    }
    return new Figure(
        id,
        title,
        "Mean over the heads of a layer; the band reaches from the lowest head to the highest.",
        Axis.whole("layer"),
        Axis.linear(unit),
        series,
        Figure.Style.LINES);
  }

  private static Means of(Head head, String source) {
    return Objects.requireNonNull(head.bySource().get(source), source);
  }

  private HeatTable moved() {
    List<String> header = new ArrayList<>(List.of("head"));
    header.addAll(found.sources());
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (Head head : found.heads()) {
      List<String> row = new ArrayList<>(List.of(name(head)));
      List<Double> shade = new ArrayList<>(List.of(Double.NaN));
      for (String source : found.sources()) {
        row.add(Units.format("%.3f", of(head, source).moved()));
        shade.add(of(head, source).moved());
      }
      rows.add(row);
      shades.add(shade);
    }
    return new HeatTable("Share of the attention that moved", new Table(header, rows), shades);
  }

  private HeatTable worth(int model) {
    List<String> header = new ArrayList<>(List.of("without"));
    header.addAll(found.sources());
    header.add("needed by");
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (Head head : found.heads()) {
      Map<String, LossChange> worth = head.worth().get(model);
      List<String> row = new ArrayList<>(List.of(name(head)));
      List<Double> shade = new ArrayList<>(Collections.nCopies(header.size(), Double.NaN));
      for (int s = 0; s < found.sources().size(); s++) {
        LossChange change =
            Objects.requireNonNull(worth.get(found.sources().get(s)), found.sources().get(s));
        double half = found.quantile() * change.error();
        row.add(
            Units.format(
                "%+.1f %% [%+.1f, %+.1f]",
                100 * Math.expm1(change.log()),
                100 * Math.expm1(change.log() - half),
                100 * Math.expm1(change.log() + half)));
        shade.set(s + 1, Math.min(1, Math.abs(change.log())));
      }
      List<String> needed = found.neededBy(head, model);
      row.add(needed.isEmpty() ? "-" : String.join(", ", needed));
      rows.add(row);
      shades.add(shade);
    }
    return new HeatTable(
        "Held-out loss of %s without a head; needed by a source whose loss rises by more than 10 %%"
                .formatted(found.names().get(model))
            + " (intervals over samples, for all cells together)",
        new Table(header, rows),
        shades);
  }

  /** {@return a row for each head} */
  public Table table() {
    String before = found.names().get(0);
    String after = found.names().get(1);
    List<String> header =
        List.of(
            "head",
            "entropy, " + before,
            "entropy, " + after,
            "distance, " + before,
            "distance, " + after,
            "first, " + before,
            "first, " + after,
            "moved",
            "p (change)",
            "p (sources)");
    List<List<String>> rows = new ArrayList<>();
    for (Head head : found.heads()) {
      Means all = head.all();
      List<String> row = new ArrayList<>(List.of(name(head)));
      for (double[] pair : List.of(all.entropy(), all.distance(), all.first())) {
        row.add(Units.format("%.3f", pair[0]));
        row.add(Units.format("%.3f", pair[1]));
      }
      row.add(Units.format("%.3f", all.moved()));
      row.add(p(head.changeP()));
      row.add(p(head.sourceP()));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private static String p(double value) {
    return value < 0.001 ? "< 0.001" : Units.format("%.3f", value);
  }
}
