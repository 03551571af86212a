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
      String near =
          "Each point is a query; near ones are alike, distances between groups say nothing.";
      clouds.add(cloud("tsne-" + c, "t-SNE, " + name, near, "t-SNE", cloud.tsne()));
      String shares =
          Units.format(
              "The two components hold %.0f %% and %.0f %% of the variance.",
              100 * cloud.shares()[0], 100 * cloud.shares()[1]);
      clouds.add(cloud("pca-" + c, "PCA, " + name, shares, "component", cloud.pca()));
    }
    return clouds;
  }

  /** A series for each source, and for what asks for the ability of another. */
  private Figure cloud(String id, String title, String caption, String axes, double[][] places) {
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
        id,
        title,
        caption,
        Axis.linear(axes + " 1"),
        Axis.linear(axes + " 2"),
        series,
        Figure.Style.CLOUD);
  }

  /** Probes of the layer that is drawn, then what changes from layer to layer. */
  List<Figure> lines() {
    List<Figure> figures = new ArrayList<>();
    int queries = found.classes().length;
    double chance = 1.0 / found.sources().size();
    figures.add(probe("probe", "Source of a query", queries, chance, Probes::source));
    if (!Double.isNaN(found.layers().get(0).probes().get(0).across())) {
      int across = found.acrossCount();
      figures.add(probe("probe-across", "Ability across sources", across, chance, Probes::across));
    }
    similarity().ifPresent(figures::add);
    return figures;
  }

  /** A row for each model at the layer that is drawn, beside chance. */
  private Figure probe(
      String id, String title, int queries, double chance, ToDoubleFunction<Probes> share) {
    List<Probes> probes = found.layers().get(found.layer()).probes();
    List<Point> told = new ArrayList<>();
    List<Point> guessed = new ArrayList<>();
    for (int m = 0; m < probes.size(); m++) {
      double right = share.applyAsDouble(probes.get(m));
      Interval interval = Intervals.wilson(Math.round(right * queries), queries);
      told.add(
          new Point(
              m,
              100 * right,
              100 * Math.min(right, interval.low()),
              100 * Math.max(right, interval.high())));
      guessed.add(Point.of(m, 100 * chance));
    }
    return new Figure(
        id,
        title,
        Units.format(
            "Layer %s: from %.0f to %.0f %% told right; a guess is right in %.0f %%. Bars are 95 %%"
                + " intervals over queries, for each model by itself; other layers stand below.",
            found.layer(),
            told.stream().mapToDouble(Point::y).min().orElseThrow(),
            told.stream().mapToDouble(Point::y).max().orElseThrow(),
            100 * chance),
        Axis.categories("", found.models()),
        Axis.bounded("told right, %", 0, 100),
        List.of(new Series("probe", told), new Series("guess", guessed)),
        Figure.Style.DOTS);
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
                "1 is the same up to rotation and scale; models are named in the legend, all of them"
                    + " in the table.",
                Axis.whole("layer"),
                Axis.linear("linear CKA"),
                series,
                Figure.Style.LINES));
  }
}
