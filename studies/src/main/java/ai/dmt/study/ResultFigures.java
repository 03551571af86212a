package ai.dmt.study;

import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Series;
import ai.dmt.report.Share;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** The figures of a study's results: one for each question and metric that has values. */
final class ResultFigures {

  private final ResultView view;

  ResultFigures(ResultView view) {
    this.view = view;
  }

  /** What the figures of a question show. */
  static String caption(StudyQuestion question) {
    return switch (question) {
          case STRATEGIES -> "Bars";
          case AMOUNT -> "Each ability after training on its own source alone. Bands";
          case MIXED ->
              "The same share of all sources, against the ability's own source alone. Bands";
          case RATIO ->
              "k is the share of specialized data in set-ups a and c, of general data in b. Bands";
          case FILTERED ->
              "The mixture whose general rows are without the topics that the study excludes, the whole"
                  + " mixture, and the ability's own source alone. Without them there are fewer rows and"
                  + " steps; what is held out has all topics. Bands";
          case EQUAL_AMOUNT ->
              "As many rows in all as the mixture that has the same share of each source. Bands";
          case SIZE, MATCHED, GRID, LORA, MIXTURE ->
              throw new IllegalArgumentException(question + " has its own section");
          case DMT_K ->
              "k = 0 is mixed-sequential; it stands apart, for it has no place on a log axis."
                  + " Bands";
        }
        + " are 95 % intervals over seeds and problems, where there are three seeds.";
  }

  /** Figures of a question for some metrics. */
  List<Figure> of(StudyQuestion question, Predicate<Metric> some) {
    BiFunction<String, Metric, Optional<Figure>> figure =
        switch (question) {
          case STRATEGIES -> this::strategies;
          case AMOUNT -> this::amount;
          case MIXED -> this::mixed;
          case RATIO -> this::ratio;
          case DMT_K -> this::sweep;
          case EQUAL_AMOUNT -> this::equal;
          case FILTERED -> this::filtered;
          case SIZE, MATCHED, GRID, LORA, MIXTURE ->
              throw new IllegalArgumentException(question + " has its own section");
        };
    Map<List<Series>, Figure> figures = new LinkedHashMap<>();
    for (Metric metric : view.metrics().stream().filter(some).toList()) {
      String id = question.word() + "-" + metric.slug();
      figure
          .apply(id, metric)
          .ifPresent(fresh -> figures.merge(fresh.series(), fresh, ResultFigures::both));
    }
    return List.copyOf(figures.values());
  }

  /** Two measures of the same values: one panel says it. */
  private static Figure both(Figure shown, Figure same) {
    return new Figure(
        shown.id(),
        shown.title(),
        shown.caption() + " The same for " + same.title() + ".",
        shown.x(),
        shown.y(),
        shown.series(),
        shown.style());
  }

  private Optional<Figure> strategies(String id, Metric metric) {
    List<String> names = new ArrayList<>(List.of("base model"));
    names.addAll(view.groups(StudyQuestion.STRATEGIES));
    List<Point> points = new ArrayList<>();
    view.base(metric)
        .ifPresent(
            found ->
                points.add(
                    point(
                        0,
                        found.value(),
                        found.value() - Metric.NORMAL_97_5 * found.error(),
                        found.value() + Metric.NORMAL_97_5 * found.error(),
                        metric)));
    for (int i = 1; i < names.size(); i++) {
      point(i, names.get(i), metric).ifPresent(points::add);
    }
    return figure(
        id,
        metric,
        Axis.categories("", names.stream().map(GroupNames::readable).toList()),
        Map.of(metric.label(), points),
        Figure.Style.DOTS);
  }

  private Optional<Figure> amount(String id, Metric metric) {
    return figure(
        id,
        metric,
        Axis.fraction("share of the source (log)"),
        Map.of("alone", points(StudyQuestion.AMOUNT, metric.source(), metric)),
        Figure.Style.LINES);
  }

  private Optional<Figure> mixed(String id, Metric metric) {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    series.put("all sources", points(StudyQuestion.MIXED, "", metric));
    if (!series.get("all sources").isEmpty()) {
      series.put("alone", points(StudyQuestion.AMOUNT, metric.source(), metric));
    }
    return figure(
        id, metric, Axis.fraction("share of each source (log)"), series, Figure.Style.LINES);
  }

  private Optional<Figure> equal(String id, Metric metric) {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    series.put("same number of each", points(StudyQuestion.EQUAL_AMOUNT, "", metric));
    if (!series.get("same number of each").isEmpty()) {
      series.put("same share of each", points(StudyQuestion.MIXED, "", metric));
    }
    return figure(id, metric, Axis.fraction("share of all rows (log)"), series, Figure.Style.LINES);
  }

  private Optional<Figure> filtered(String id, Metric metric) {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    series.put("general filtered", points(StudyQuestion.FILTERED, "", metric));
    if (!series.get("general filtered").isEmpty()) {
      series.put("all sources", points(StudyQuestion.MIXED, "", metric));
      series.put("alone", points(StudyQuestion.AMOUNT, metric.source(), metric));
    }
    return figure(
        id, metric, Axis.fraction("share of each source (log)"), series, Figure.Style.LINES);
  }

  private Optional<Figure> ratio(String id, Metric metric) {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    String low = Share.text(view.json().at("/grid/ratio_general").asDouble());
    series.put("a: general whole", points(StudyQuestion.RATIO, "a", metric));
    series.put("b: specialized whole", points(StudyQuestion.RATIO, "b", metric));
    series.put("c: general " + low, points(StudyQuestion.RATIO, "c", metric));
    return figure(id, metric, Axis.fraction("k (log)"), series, Figure.Style.LINES);
  }

  private Optional<Figure> sweep(String id, Metric metric) {
    double smallest = view.dmtK().stream().filter(k -> k > 0).findFirst().orElse(1.0);
    return figure(
        id,
        metric,
        Axis.fractionWithZero("k: share replayed in stage two (log)", smallest),
        Map.of("DMT", points(StudyQuestion.DMT_K, "", metric)),
        Figure.Style.LINES);
  }

  /** Values of a question's groups of one set-up, by the share that they vary. */
  private List<Point> points(StudyQuestion question, String setup, Metric metric) {
    Map<Double, Point> points = new TreeMap<>();
    for (String group : view.groups(question)) {
      JsonNode cell = view.cells(group).get(0);
      if (cell.path("setup").asText().equals(setup)) {
        double share = cell.path(cell.has("k") ? "k" : "fraction").asDouble();
        point(share, group, metric).ifPresent(found -> points.put(share, found));
      }
    }
    return List.copyOf(points.values());
  }

  /** A group's mean over seeds with its interval, at a place. */
  Optional<Point> point(double x, String group, Metric metric) {
    return view.estimate(group, metric).map(found -> point(x, found, metric));
  }

  /** An estimate with its interval, where it has one. */
  static Point point(double x, ResultView.Estimate found, Metric metric) {
    Point point =
        found.hasInterval()
            ? point(x, found.mean(), found.low(), found.high(), metric)
            : point(x, found.mean(), found.mean(), found.mean(), metric);
    return point.over(found.seeds());
  }

  /** In percent for shares. Intervals end where the measure does. */
  private static Point point(double x, double value, double low, double high, Metric metric) {
    double unit = metric.isShare() ? 100 : 1;
    double bottom = Math.min(value, metric.bounded(low));
    double top = Math.max(value, metric.bounded(high));
    return new Point(x, unit * value, unit * bottom, unit * top);
  }

  private static Optional<Figure> figure(
      String id, Metric metric, Axis x, Map<String, List<Point>> series, Figure.Style style) {
    List<Series> drawn = new ArrayList<>();
    series.forEach(
        (name, points) -> {
          if (!points.isEmpty()) {
            drawn.add(new Series(name, points));
          }
        });
    return drawn.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Figure(
                id,
                metric.label(),
                takeAway(drawn, x, style, metric),
                x,
                metric.axis(),
                drawn,
                style));
  }

  /** What is to be seen: the best and the worst, or where each curve begins and ends. */
  private static String takeAway(List<Series> series, Axis x, Figure.Style style, Metric metric) {
    if (style == Figure.Style.DOTS) {
      Comparator<Point> order = Comparator.comparingDouble(point -> metric.sign() * point.y());
      Point best = series.get(0).points().stream().max(order).orElseThrow();
      Point worst = series.get(0).points().stream().min(order).orElseThrow();
      return "Best: %s, %s; worst: %s, %s."
          .formatted(
              x.categories().get((int) best.x()),
              number(best.y(), metric),
              x.categories().get((int) worst.x()),
              number(worst.y(), metric));
    }
    List<String> parts = new ArrayList<>();
    for (Series each : series) {
      Point first = each.points().get(0);
      Point last = each.points().get(each.points().size() - 1);
      parts.add(
          "%s%s at %s to %s at %s"
              .formatted(
                  series.size() == 1 ? "" : each.name() + " ",
                  number(first.y(), metric),
                  Share.text(first.x()),
                  number(last.y(), metric),
                  Share.text(last.x())));
    }
    return "From " + String.join("; ", parts) + ".";
  }

  static String number(double shown, Metric metric) {
    return metric.text(metric.isShare() ? shown / 100 : shown);
  }

  /** A name as part of an id. */
  static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
