package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Series;
import ai.dmt.report.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Specialized abilities against the general one, a point for each way to train on all sources. */
final class ParetoFigure {
  private static final int LEAST_SEEDS = 3;

  private final ResultView view;
  private final List<Metric> specialized;
  private final @Nullable Metric general; // null where no score of it was asked for

  ParetoFigure(ResultView view) {
    this.view = view;
    List<String> generals = new ArrayList<>();
    view.json().path("general").forEach(name -> generals.add(name.asText()));
    List<Metric> first =
        view.sources().stream()
            .flatMap(source -> view.metrics(source).stream().filter(m -> !m.isLoss()).limit(1))
            .toList();
    this.specialized =
        first.stream().filter(m -> m.isShare() && !generals.contains(m.source())).toList();
    this.general =
        first.stream().filter(m -> generals.contains(m.source())).findFirst().orElse(null);
  }

  Optional<Figure> figure() {
    Metric general = this.general;
    if (general == null || specialized.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Point> points = new LinkedHashMap<>();
    groups().forEach(group -> point(group, general).ifPresent(found -> points.put(group, found)));
    if (points.isEmpty()) {
      return Optional.empty();
    }
    List<Series> series = new ArrayList<>();
    points.forEach(
        (group, point) -> series.add(new Series(GroupNames.readable(group), List.of(point))));
    String abilities =
        specialized.stream().map(Metric::source).collect(Collectors.joining(" and "));
    return Optional.of(
        new Figure(
            "pareto",
            "Specialized against general ability",
            best(points)
                + " Further right and further up is better; bars are 95 % intervals. Across is the mean"
                + " of %s."
                    .formatted(
                        specialized.stream()
                            .map(Metric::title)
                            .collect(Collectors.joining(" and "))),
            Axis.bounded("%s, mean score, %%".formatted(abilities), 0, 100),
            general.axis(),
            series,
            Figure.Style.PLANE));
  }

  private List<String> groups() {
    List<String> groups = new ArrayList<>(List.of("multi-task", "sequential", "mixed-sequential"));
    List<String> sweep =
        view.dmtK().stream().filter(k -> k > 0).map(k -> "k sweep k=" + Share.text(k)).toList();
    groups.addAll(
        sweep.stream().anyMatch(view::has)
            ? sweep
            : List.of("dmt k=" + Share.text(view.headlineK())));
    return groups;
  }

  /** Those whose means no other way beats in both, and how little that says. */
  private static String best(Map<String, Point> points) {
    List<String> names =
        points.entrySet().stream()
            .filter(
                one ->
                    points.values().stream()
                        .noneMatch(
                            other ->
                                other.x() >= one.getValue().x()
                                    && other.y() >= one.getValue().y()
                                    && other != one.getValue()))
            .map(
                one ->
                    GroupNames.readable(one.getKey())
                        + (one.getValue().seeds() == 1 ? " (one seed)" : ""))
            .toList();
    return "By means alone no other is ahead in both of %s; where bars overlap that may be chance."
        .formatted(String.join(", ", names));
  }

  private Optional<Point> point(String group, Metric general) {
    Optional<ResultView.Estimate> y = view.estimate(group, general);
    List<Map<Long, Metric.Observed>> values =
        specialized.stream().map(metric -> view.values(group, metric)).toList();
    List<Double> means = new ArrayList<>();
    for (long seed : values.get(0).keySet()) {
      if (values.stream().allMatch(each -> each.containsKey(seed))) {
        means.add(
            values.stream()
                .mapToDouble(each -> Objects.requireNonNull(each.get(seed)).value())
                .average()
                .orElseThrow());
      }
    }
    if (y.isEmpty() || means.isEmpty()) {
      return Optional.empty();
    }
    double x = means.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double squares = means.stream().mapToDouble(value -> (value - x) * (value - x)).sum();
    Effect spread = new Effect(x, means.size(), squares / Math.max(1, means.size() - 1), 0, false);
    Interval ofX =
        means.size() < LEAST_SEEDS
            ? new Interval(x, x)
            : spread.interval().orElse(new Interval(x, x));
    ResultView.Estimate rated = y.get();
    double low = rated.hasInterval() ? Math.min(rated.low(), rated.mean()) : rated.mean();
    double high = rated.hasInterval() ? Math.max(rated.high(), rated.mean()) : rated.mean();
    double unit = general.isShare() ? 100 : 1;
    return Optional.of(
        new Point(
            100 * x,
            unit * rated.mean(),
            unit * low,
            unit * high,
            100 * Math.max(0, ofX.low()),
            100 * Math.min(1, ofX.high()),
            Math.min(means.size(), rated.seeds())));
  }
}
