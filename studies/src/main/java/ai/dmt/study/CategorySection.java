package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ratings of the strategies by category of question, the paper's radars. The least and the largest
 * of the seeds are in the figure's data; of fewer than three categories there are dots.
 */
final class CategorySection {
  private static final String NONE = "-";

  /** Scores of a benchmark of ratings that are not those of a category. */
  private static final String OVERALL = "turn [0-9]+|average|repeat [0-9]+";

  private static final String SPREAD = "sd of repeats";

  private final ResultView view;
  private final String benchmark; // empty where none has ratings
  private final Map<String, Map<String, double[]>> ratings = new LinkedHashMap<>();
  private final List<String> categories;

  CategorySection(ResultView view) {
    this.view = view;
    this.benchmark =
        view.metrics().stream()
            .filter(Metric::isRating)
            .map(Metric::benchmark)
            .findFirst()
            .orElse("");
    Set<String> names = new LinkedHashSet<>();
    for (String group : view.groups(StudyQuestion.STRATEGIES)) {
      Map<String, double[]> ofGroup = ratings(group);
      if (!ofGroup.isEmpty()) {
        ratings.put(group, ofGroup);
        names.addAll(ofGroup.keySet());
      }
    }
    names.remove(SPREAD);
    this.categories = List.copyOf(names);
  }

  /** Ratings of a group's seeds by category, and the spread of a judge's repeats. */
  private Map<String, double[]> ratings(String group) {
    Map<String, List<Double>> byName = new LinkedHashMap<>();
    for (JsonNode cell : view.cells(group)) {
      for (JsonNode score : cell.path("scores").path(benchmark)) {
        String name = score.path("name").asText();
        if (score.has("score") && !name.matches(OVERALL)) {
          byName
              .computeIfAbsent(name, each -> new ArrayList<>())
              .add(score.path("score").asDouble());
        }
      }
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    byName.forEach(
        (name, list) -> values.put(name, list.stream().mapToDouble(Double::doubleValue).toArray()));
    return values;
  }

  /** Empty where nothing has ratings by category. */
  Optional<Section> section() {
    if (categories.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Section(
            "categories",
            "Ratings by category of question",
            List.of(
                new Paragraph(
                    "The paper's radars: a spoke for each category, the mean over seeds on it. The"
                        + " data name the lowest and the highest seed, too. Categories have few"
                        + " questions each, so small differences say nothing, and an area depends on"
                        + " the order of the spokes."
                        + spread()),
                new Figures(List.of(figure())),
                table())));
  }

  /** How far a judge's own repeats lie apart. */
  private String spread() {
    double[] spreads =
        ratings.values().stream()
            .flatMapToDouble(each -> Arrays.stream(each.getOrDefault(SPREAD, new double[0])))
            .toArray();
    if (spreads.length == 0) {
      return "";
    }
    return Units.format(
        " The judge was asked several times: the standard deviation of a model's repeats, each a mean"
            + " over all questions, is %.3f to %.3f.",
        Arrays.stream(spreads).min().orElseThrow(), Arrays.stream(spreads).max().orElseThrow());
  }

  private Figure figure() {
    List<Series> series = new ArrayList<>();
    ratings.forEach(
        (group, ofGroup) -> {
          List<Point> points = new ArrayList<>();
          for (int c = 0; c < categories.size(); c++) {
            double[] values = ofGroup.get(categories.get(c));
            if (values != null) {
              points.add(
                  new Point(
                      c,
                      mean(values),
                      Arrays.stream(values).min().orElseThrow(),
                      Arrays.stream(values).max().orElseThrow()));
            }
          }
          if (!points.isEmpty()) {
            series.add(new Series(GroupNames.readable(group), points));
          }
        });
    return new Figure(
        "categories",
        "Ratings by category",
        takeAway(),
        Axis.categories("category", categories),
        Axis.linear("rating, 1 to 10"),
        series,
        categories.size() < Figure.LEAST_SPOKES ? Figure.Style.DOTS : Figure.Style.RADAR);
  }

  /** The category in which ways to train differ most. */
  private String takeAway() {
    String widest = categories.get(0);
    double range = -1;
    for (String category : categories) {
      double[] means = means(category);
      double own = Arrays.stream(means).max().orElse(0) - Arrays.stream(means).min().orElse(0);
      if (own > range) {
        range = own;
        widest = category;
      }
    }
    return Units.format("Widest apart in %s: by %.2f points.", widest, range);
  }

  private double[] means(String category) {
    return ratings.values().stream()
        .filter(each -> each.containsKey(category))
        .mapToDouble(each -> mean(each.getOrDefault(category, new double[0])))
        .toArray();
  }

  private HeatTable table() {
    List<String> header = new ArrayList<>(List.of("trained by"));
    header.addAll(categories);
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    ratings.forEach(
        (group, ofGroup) -> {
          List<String> row = new ArrayList<>(List.of(GroupNames.readable(group)));
          List<Double> shade = new ArrayList<>(Collections.nCopies(1, Double.NaN));
          for (String category : categories) {
            double[] values = ofGroup.get(category);
            row.add(values == null ? NONE : Units.format("%.2f", mean(values)));
            shade.add(values == null ? Double.NaN : shade(category, mean(values)));
          }
          rows.add(row);
          shades.add(shade);
        });
    return new HeatTable(
        "Mean rating over seeds; the deeper the colour, the worse of its column",
        new Table(header, rows),
        shades);
  }

  /** From 0 for the best of a category to 1 for the worst. */
  private double shade(String category, double value) {
    double[] means = means(category);
    double high = Arrays.stream(means).max().orElseThrow();
    double low = Arrays.stream(means).min().orElseThrow();
    return (high - value) / Math.max(high - low, Double.MIN_NORMAL);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
