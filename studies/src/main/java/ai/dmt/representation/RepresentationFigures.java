package ai.dmt.representation;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Series;
import ai.dmt.representation.Representations.Cloud;
import ai.dmt.representation.Representations.Layer;
import ai.dmt.representation.Representations.Probes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Clouds of queries, and what changes from layer to layer. */
final class RepresentationFigures {
  private static final int LINES = 6; // models that a figure can tell apart

  private final Representations found;

  RepresentationFigures(Representations found) {
    this.found = found;
  }

  List<Figure> clouds() {
    List<Figure> clouds = new ArrayList<>();
    for (int c = 0; c < found.clouds().size(); c++) {
      Cloud cloud = found.clouds().get(c);
      String name = found.models().get(cloud.model());
      clouds.add(cloud("tsne-" + c, "t-SNE, " + name, "", cloud.tsne()));
      String shares =
          Units.format(
              "The two components hold %.0f %% and %.0f %% of the variance.",
              100 * cloud.shares()[0], 100 * cloud.shares()[1]);
      clouds.add(cloud("pca-" + c, "PCA, " + name, shares, cloud.pca()));
    }
    return clouds;
  }

  /** A series for each source, and for what asks for the ability of another. */
  private Figure cloud(String id, String title, String caption, double[][] places) {
    List<Series> series = new ArrayList<>();
    int sources = found.sources().size();
    for (int s = 0; s < sources; s++) {
      for (int a = 0; a < sources; a++) {
        int ability = (s + a) % sources; // its own first
        List<Point> points = new ArrayList<>();
        for (int q = 0; q < places.length; q++) {
          if (found.classes()[q] == s && found.abilities()[q] == ability) {
            points.add(Point.of(places[q][0], places[q][1]));
          }
        }
        if (!points.isEmpty()) {
          String name = found.sources().get(s);
          String asked = ability == s ? "" : ", asks for " + found.sources().get(ability);
          series.add(new Series(name + asked, points));
        }
      }
    }
    return new Figure(
        id, title, caption, Axis.linear(""), Axis.linear(""), series, Figure.Style.CLOUD);
  }

  List<Figure> lines() {
    List<Figure> lines = new ArrayList<>();
    String chance = Units.format("Chance is %.0f %%.", 100.0 / found.sources().size());
    int queries = found.classes().length;
    lines.add(probe("probe", "Source of a query", chance, queries, Probes::source));
    if (!Double.isNaN(found.layers().get(0).probes().get(0).across())) {
      int across = found.acrossCount();
      String never = "Who knows the source alone is never right.";
      lines.add(probe("probe-across", "Ability across sources", never, across, Probes::across));
    }
    similarity().ifPresent(lines::add);
    return lines;
  }

  private Figure probe(
      String id, String title, String caption, int queries, ToDoubleFunction<Probes> share) {
    List<Series> series = new ArrayList<>();
    for (int m = 0; m < Math.min(LINES, found.models().size()); m++) {
      List<Point> points = new ArrayList<>();
      for (Layer layer : found.layers()) {
        double told = share.applyAsDouble(layer.probes().get(m));
        Interval interval = Intervals.wilson(Math.round(told * queries), queries);
        points.add(
            new Point(
                layer.number(),
                100 * told,
                100 * Math.min(told, interval.low()),
                100 * Math.max(told, interval.high())));
      }
      series.add(new Series(found.models().get(m), points, m));
    }
    return new Figure(
        id,
        title,
        caption + " Bands are 95 % intervals over queries.",
        Axis.whole("layer"),
        Axis.linear("told right, %"),
        series,
        Figure.Style.LINES);
  }

  /** Of the first model with each other that has a line; empty where no layer varies. */
  private Optional<Figure> similarity() {
    List<Series> series = new ArrayList<>();
    for (int m = 1; m < Math.min(LINES, found.models().size()); m++) {
      List<Point> points = new ArrayList<>();
      for (Layer layer : found.layers()) {
        double cka = layer.cka()[0][m];
        if (!Double.isNaN(cka)) {
          points.add(Point.of(layer.number(), cka));
        }
      }
      if (!points.isEmpty()) {
        series.add(new Series(found.models().get(m), points, m));
      }
    }
    return series.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Figure(
                "cka",
                "Similarity to " + found.models().get(0),
                "",
                Axis.whole("layer"),
                Axis.linear("linear CKA"),
                series,
                Figure.Style.LINES));
  }
}
