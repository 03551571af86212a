package ai.dmt.independence;

import ai.dmt.independence.Independence.Change;
import ai.dmt.independence.Independence.Kind;
import ai.dmt.independence.Independence.LossChange;
import ai.dmt.independence.Independence.ScoreChange;
import ai.dmt.independence.Independence.Verdict;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** How abilities moved, as tables and figures. */
public final class IndependenceReport {
  private static final double DARKEST = Math.log(4); // of a cell's shade

  private final Independence found;

  /**
   * Of what was measured.
   *
   * @param found by {@link IndependenceStudy}
   */
  public IndependenceReport(Independence found) {
    this.found = found;
  }

  /**
   * {@return a page of its own}
   *
   * @param subtitle what it is of
   */
  public Report report(String subtitle) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            Units.format(
                "Each row changes one ability of the joint model, by a multiple of its task vector"
                    + " (what training on its source alone changes in the base model) or by"
                    + " training on its source. Cells are changes of held-out losses; above 0 is"
                    + " worse. Intervals are over held-out samples, paired, for all cells of a"
                    + " matrix together (95 %%). An ability is changed by itself where its loss"
                    + " moves by more than 10 %% and all others by less; one model each, so seeds"
                    + " are not in the intervals. p says how often a vector as large in every"
                    + " element with signs at random is as specific.")));
    blocks.add(matrix());
    blocks.add(new TableBlock("Verdicts", table()));
    blocks.add(new Figures(figures()));
    Table scores = scores();
    if (!scores.rows().isEmpty()) {
      blocks.add(new TableBlock("Scores; intervals are of the difference, paired", scores));
    }
    return new Report(
        "Independence of abilities",
        subtitle,
        List.of(new Section("independence", "One ability changed, all measured", blocks)));
  }

  private static String name(Change change) {
    return change.kind() == Kind.RETRAINED
        ? "trained on " + change.ability()
        : Units.format("%s %+.2f vector", change.ability(), change.factor());
  }

  /** {@return a row for each change that is judged} */
  public Table table() {
    List<String> header = new ArrayList<>(List.of("change"));
    found.abilities().forEach(ability -> header.add(ability + " loss"));
    header.addAll(List.of("changed by itself", "moved, too", "p"));
    List<List<String>> rows = new ArrayList<>();
    for (Change change : found.judged()) {
      Verdict verdict = found.verdict(change);
      List<String> row = new ArrayList<>(List.of(name(change)));
      found.abilities().forEach(ability -> row.add(percent(Independence.loss(change, ability))));
      row.add(verdict.outcome().text());
      row.add(verdict.others().isEmpty() ? "-" : String.join(", ", verdict.others()));
      row.add(Double.isNaN(verdict.p()) ? "-" : Units.format("%.3f", verdict.p()));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private static String percent(LossChange change) {
    return Units.format("%+.1f %%", 100 * Math.expm1(change.log()));
  }

  private HeatTable matrix() {
    List<String> header = new ArrayList<>(List.of("change"));
    header.addAll(found.abilities());
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (Change change : found.judged()) {
      List<String> row = new ArrayList<>(List.of(name(change)));
      List<Double> shade = new ArrayList<>(List.of(Double.NaN));
      for (String ability : found.abilities()) {
        LossChange moved = Independence.loss(change, ability);
        double half = found.quantile() * moved.error();
        row.add(
            Units.format(
                "%s [%+.1f, %+.1f]",
                percent(moved),
                100 * Math.expm1(moved.log() - half),
                100 * Math.expm1(moved.log() + half)));
        shade.add(Math.min(1, Math.abs(moved.log()) / DARKEST));
      }
      rows.add(row);
      shades.add(shade);
    }
    return new HeatTable(
        "Interaction matrix: the row's ability is changed, the column's loss moves",
        new Table(header, rows),
        shades);
  }

  /** One figure for each ability that is changed: all losses by the factor. */
  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    for (int a = 0; a < found.abilities().size(); a++) {
      String changed = found.abilities().get(a);
      List<Series> series = new ArrayList<>();
      for (String measured : found.abilities()) {
        List<Point> points = new ArrayList<>();
        Stream.concat(
                Stream.of(Point.of(0, joint(measured))),
                found.changes().stream()
                    .filter(each -> each.kind() == Kind.VECTOR && each.ability().equals(changed))
                    .map(each -> point(each, measured)))
            .sorted((one, other) -> Double.compare(one.x(), other.x()))
            .forEach(points::add);
        series.add(new Series(measured, points, found.abilities().indexOf(measured)));
      }
      figures.add(
          new Figure(
              "vector-" + a,
              "Task vector of " + changed,
              "The joint model is at 0. Bands are 95 % intervals of the change, all cells"
                  + " together.",
              Axis.linear("multiple of the vector that is added"),
              Axis.log("held-out loss, nats"),
              series,
              Figure.Style.LINES));
    }
    return figures;
  }

  private double joint(String ability) {
    return Objects.requireNonNull(found.losses().get(ability), ability);
  }

  private Point point(Change change, String ability) {
    double joint = joint(ability);
    LossChange moved = Independence.loss(change, ability);
    double half = found.quantile() * moved.error();
    return new Point(
        change.factor(),
        joint * Math.exp(moved.log()),
        joint * Math.exp(moved.log() - half),
        joint * Math.exp(moved.log() + half));
  }

  private Table scores() {
    List<List<String>> rows = new ArrayList<>();
    for (Change change : found.judged()) {
      for (ScoreChange score : change.scores()) {
        rows.add(
            List.of(
                name(change),
                score.ability(),
                score.name(),
                Units.format("%.3f", score.before()),
                Units.format("%.3f", score.after()),
                Units.format(
                    "%+.3f [%+.3f, %+.3f]",
                    score.after() - score.before(), score.low(), score.high())));
      }
    }
    return new Table(
        List.of("change", "ability", "score", "joint", "changed", "difference [95 %]"), rows);
  }
}
