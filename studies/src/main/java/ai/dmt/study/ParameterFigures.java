package ai.dmt.study;

import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import ai.dmt.report.Series;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Each ability by a number of parameters, with a line for each way to train.
 *
 * @param view what was found
 * @param question whose runs are drawn; the names of their groups begin with what is counted, then
 *     a colon
 * @param parameters of a cell
 * @param slug that names of figures begin with
 * @param reading what a line goes from and to
 * @param axis what the numbers are
 */
record ParameterFigures(
    ResultView view,
    StudyQuestion question,
    ToDoubleFunction<JsonNode> parameters,
    String slug,
    String reading,
    String axis) {

  /** Losses, and scores, which are folded where there are losses. */
  List<Block> blocks() {
    List<Figure> losses = figures(Metric::isLoss);
    List<Figure> scores = figures(metric -> !metric.isLoss());
    List<Block> blocks = new ArrayList<>();
    if (!losses.isEmpty()) {
      blocks.add(new Figures(losses));
    }
    if (!scores.isEmpty()) {
      blocks.add(
          losses.isEmpty() ? new Figures(scores) : new FoldedFigures("Scores as figures", scores));
    }
    return blocks;
  }

  private List<Figure> figures(Predicate<Metric> some) {
    List<Figure> figures = new ArrayList<>();
    for (Metric metric : view.metrics().stream().filter(some).toList()) {
      Map<String, List<Point>> series = series(metric);
      if (!series.isEmpty()) {
        figures.add(figure(metric, series));
      }
    }
    return figures;
  }

  private Map<String, List<Point>> series(Metric metric) {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    for (String group : view.groups(question)) {
      JsonNode cell = view.cells(group).get(0);
      String setup = cell.path("setup").asText();
      boolean ofOther = view.sources().contains(setup) && !setup.equals(metric.source());
      if (!ofOther) {
        String way = view.readable(group).replaceFirst("^[^:]+: ", "");
        double at = parameters.applyAsDouble(cell);
        view.estimate(group, metric)
            .ifPresent(
                found ->
                    series
                        .computeIfAbsent(way, name -> new ArrayList<>())
                        .add(ResultFigures.point(at, found, metric)));
      }
    }
    return series;
  }

  private Figure figure(Metric metric, Map<String, List<Point>> series) {
    List<Series> drawn = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    series.forEach(
        (way, points) -> {
          List<Point> sorted =
              points.stream().sorted((one, other) -> Double.compare(one.x(), other.x())).toList();
          drawn.add(new Series(way, sorted));
          parts.add(
              "%s %s to %s"
                  .formatted(
                      way,
                      ResultFigures.number(sorted.get(0).y(), metric),
                      ResultFigures.number(sorted.get(sorted.size() - 1).y(), metric)));
        });
    return new Figure(
        slug + "-" + metric.slug(),
        metric.label(),
        "%s: %s.".formatted(reading, String.join("; ", parts)),
        Axis.log(axis),
        metric.axis(),
        drawn,
        Figure.Style.LINES);
  }
}
