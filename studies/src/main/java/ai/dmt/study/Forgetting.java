package ai.dmt.study;

import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/** What each stage of the runs with several stages made the model forget. */
final class Forgetting {
  private static final String NONE = "-";

  private final ResultView view;
  private final List<Row> rows = new ArrayList<>();
  private final List<Metric> metrics;

  /**
   * The models after a stage, one for each seed.
   *
   * @param stage of every seed's cell; empty for the base model
   */
  private record Row(String group, String name, String samples, List<JsonNode> stage) {}

  Forgetting(ResultView view) {
    this.view = view;
    rows.add(new Row("base model", "", "", List.of()));
    view.groups(StudyQuestion.STRATEGIES).forEach(this::addRows);
    if (isEmpty()) {
      view.groups(StudyQuestion.DMT_K).forEach(this::addRows);
    }
    this.metrics =
        view.metrics().stream()
            .filter(metric -> rows.stream().anyMatch(row -> values(row, metric).length > 0))
            .toList();
  }

  private void addRows(String group) {
    List<JsonNode> cells = view.cells(group);
    int stages = cells.get(0).path("stages").size();
    for (int stage = 0; stages > 1 && stage < stages; stage++) {
      int number = stage;
      List<JsonNode> after = cells.stream().map(cell -> cell.path("stages").path(number)).toList();
      rows.add(
          new Row(
              group,
              "%s: %s".formatted(stage + 1, after.get(0).path("name").asText()),
              ResultTables.samples(after.get(0)),
              after));
    }
  }

  /** Runs of several stages. */
  List<String> groups() {
    return rows.stream().map(Row::group).filter(view::has).distinct().toList();
  }

  /** Whether no run has several stages. */
  boolean isEmpty() {
    return rows.size() == 1;
  }

  /** Losses and, where the model after the stage was scored, scores. */
  HeatTable table() {
    List<String> header = new ArrayList<>(List.of("run", "after stage", "samples"));
    metrics.forEach(metric -> header.add(metric.label()));
    List<List<String>> texts = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (Row row : rows) {
      List<String> text =
          new ArrayList<>(List.of(GroupNames.readable(row.group()), row.name(), row.samples()));
      List<Double> shade = new ArrayList<>(Collections.nCopies(text.size(), Double.NaN));
      for (Metric metric : metrics) {
        double[] values = values(row, metric);
        text.add(values.length == 0 ? NONE : ResultTables.spread(values, metric::text));
        shade.add(values.length == 0 ? Double.NaN : shade(metric).applyAsDouble(mean(values)));
      }
      texts.add(text);
      shades.add(shade);
    }
    return new HeatTable(
        "After each stage, mean over seeds ± standard deviation; the deeper the colour, the worse"
            + " of its column. Between stages the models of the first seeds alone are scored.",
        new Table(header, texts),
        shades);
  }

  /** From 0 for the best of a column to 1 for the worst. */
  private DoubleUnaryOperator shade(Metric metric) {
    double[] column =
        rows.stream()
            .map(row -> values(row, metric))
            .filter(values -> values.length > 0)
            .mapToDouble(Forgetting::mean)
            .toArray();
    double low = Arrays.stream(column).min().orElseThrow();
    double high = Arrays.stream(column).max().orElseThrow();
    double range = Math.max(high - low, Double.MIN_NORMAL);
    return value -> (metric.isLoss() ? value - low : high - value) / range;
  }

  /** Held-out losses through the stages, one figure for each run of several. */
  List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.STRATEGIES)) {
      List<Row> stages = new ArrayList<>(List.of(rows.get(0)));
      rows.stream().filter(row -> row.group().equals(group)).forEach(stages::add);
      List<Series> series = stages.size() == 1 ? List.of() : series(stages);
      if (!series.isEmpty()) {
        List<String> names =
            stages.stream().map(row -> row.name().isEmpty() ? "base" : row.name()).toList();
        figures.add(
            new Figure(
                "forgetting-" + ResultFigures.slug(group),
                GroupNames.readable(group),
                "Held-out loss through the stages; the band reaches from the lowest seed to the"
                    + " highest.",
                Axis.categories("after stage", names),
                Axis.linear("held-out loss, nats"),
                series,
                Figure.Style.LINES));
      }
    }
    return figures;
  }

  private List<Series> series(List<Row> stages) {
    List<Series> series = new ArrayList<>();
    for (Metric metric : metrics.stream().filter(Metric::isLoss).toList()) {
      List<Point> points = new ArrayList<>();
      for (int i = 0; i < stages.size(); i++) {
        double[] values = values(stages.get(i), metric);
        if (values.length > 0) {
          points.add(
              new Point(
                  i,
                  mean(values),
                  Arrays.stream(values).min().orElseThrow(),
                  Arrays.stream(values).max().orElseThrow()));
        }
      }
      if (!points.isEmpty()) {
        series.add(new Series(metric.source(), points, view.sources().indexOf(metric.source())));
      }
    }
    return series;
  }

  private double[] values(Row row, Metric metric) {
    if (row.stage().isEmpty()) {
      return view.base(metric).stream().mapToDouble(Metric.Observed::value).toArray();
    }
    return row.stage().stream()
        .map(stage -> metric.isLoss() ? loss(stage, metric) : score(stage, metric))
        .flatMapToDouble(value -> value.stream().mapToDouble(Double::doubleValue))
        .toArray();
  }

  private static Optional<Double> loss(JsonNode stage, Metric metric) {
    JsonNode loss = stage.path("held_out").path(metric.source());
    return loss.isNumber() ? Optional.of(loss.asDouble()) : Optional.empty();
  }

  private Optional<Double> score(JsonNode stage, Metric metric) {
    JsonNode model = stage.has("scores") ? stage : view.cellOf(stage.path("node").asText());
    return metric.of(model, false).map(Metric.Observed::value);
  }

  private static double mean(double[] values) {
    return DoubleStream.of(values).average().orElseThrow();
  }
}
