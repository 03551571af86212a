package ai.dmt.representation;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;

/**
 * What two models make of the same queries (the paper's section 6): a chosen layer in two
 * dimensions, and for every layer how well a probe tells the sources and how alike the models are.
 */
public final class RepresentationStudy {
  private static final double PERPLEXITY = 30;
  private static final double ERROR_RATE = 0.05;

  private final Queries queries;
  private final List<String> names;
  private final List<QueryStates> models;
  private final int layer;
  private final long seed;
  private final List<Layer> layers = new ArrayList<>();

  /**
   * What a layer says.
   *
   * @param number of the layer; 0 is the embedding
   * @param accuracy of the probe on the states of each model, in [0, 1]
   * @param cka between the two models
   */
  public record Layer(int number, List<Double> accuracy, double cka) {}

  /**
   * Computes all but the figures.
   *
   * @param queries that both models were asked
   * @param names of the two models
   * @param models their states
   * @param layer of the figures, from 0
   * @param seed of the probes' folds and of t-SNE
   */
  public RepresentationStudy(
      Queries queries, List<String> names, List<QueryStates> models, int layer, long seed) {
    this.queries = queries;
    this.names = List.copyOf(names);
    this.models = List.copyOf(models);
    this.layer = layer;
    this.seed = seed;
    for (int each = 0; each < models.get(0).layers().length; each++) {
      List<Double> accuracy = new ArrayList<>();
      for (QueryStates model : models) {
        accuracy.add(LinearProbe.accuracy(model.layers()[each], queries.classes(), seed));
      }
      double cka = Cka.of(models.get(0).layers()[each], models.get(1).layers()[each]);
      layers.add(new Layer(each, accuracy, cka));
    }
  }

  /** {@return what every layer says, the embedding first} */
  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** {@return a row for each layer: the probe's accuracy on each model in percent, and CKA} */
  public Table table() {
    List<List<String>> rows = new ArrayList<>();
    for (Layer each : layers) {
      rows.add(
          List.of(
              each.number() == 0 ? "embedding" : Integer.toString(each.number()),
              Units.format("%.1f", 100 * each.accuracy().get(0)),
              Units.format("%.1f", 100 * each.accuracy().get(1)),
              Units.format("%.3f", each.cka())));
    }
    return new Table(
        List.of("layer", "probe (%), " + names.get(0), "probe (%), " + names.get(1), "CKA"), rows);
  }

  /** {@return the report, with figures and table} */
  public Report report() {
    int count = queries.prompts().size();
    List<Figure> clouds = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      double[][] states = models.get(m).layers()[layer];
      Pca pca = Pca.of(states);
      String shares =
          Units.format(
              "The two components hold %.0f %% and %.0f %% of the variance.",
              100 * pca.shares()[0], 100 * pca.shares()[1]);
      clouds.add(cloud("pca-" + m, "PCA, " + names.get(m), shares, pca.places()));
      double[][] places = TSne.of(states, PERPLEXITY, seed);
      clouds.add(cloud("tsne-" + m, "t-SNE, " + names.get(m), "", places));
    }
    String what =
        "%s queries of each of %s; layer %s of the figures"
            .formatted(
                count / queries.sources().size(), String.join(", ", queries.sources()), layer);
    return new Report(
        "Representations",
        what,
        List.of(
            new Section("clouds", "Queries in layer " + layer, List.of(new Figures(clouds))),
            new Section(
                "layers",
                "Layer by layer",
                List.of(
                    new Paragraph(
                        "The probe is a ridge classifier that tells the sources apart, 5-fold"
                            + " cross-validated; bands are Wilson's 95 % intervals. Linear CKA is"
                            + " 1 where both models hold the same up to rotation and scale. Layer 0"
                            + " is the embedding; states are taken before the final norm."),
                    new Figures(List.of(probe(count), similarity())),
                    new TableBlock("Probe and similarity", table())))));
  }

  private Figure cloud(String id, String title, String caption, double[][] places) {
    List<Series> series = new ArrayList<>();
    for (int s = 0; s < queries.sources().size(); s++) {
      List<Point> points = new ArrayList<>();
      for (int q = 0; q < places.length; q++) {
        if (queries.classes()[q] == s) {
          points.add(Point.of(places[q][0], places[q][1]));
        }
      }
      series.add(new Series(queries.sources().get(s), points));
    }
    return new Figure(
        id, title, caption, Axis.linear(""), Axis.linear(""), series, Figure.Style.CLOUD);
  }

  private Figure probe(int count) {
    List<Series> series = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      List<Point> points = new ArrayList<>();
      for (Layer each : layers) {
        double accuracy = each.accuracy().get(m);
        Interval interval =
            BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
                count, (int) Math.round(accuracy * count), ERROR_RATE);
        points.add(
            new Point(
                each.number(),
                100 * accuracy,
                100 * Math.min(accuracy, interval.getLowerBound()),
                100 * Math.max(accuracy, interval.getUpperBound())));
      }
      series.add(new Series(names.get(m), points));
    }
    return new Figure(
        "probe",
        "Linear probe",
        Units.format("Chance is %.0f %%.", 100.0 / queries.sources().size()),
        Axis.whole("layer"),
        Axis.linear("accuracy, %"),
        series,
        Figure.Style.LINES);
  }

  private Figure similarity() {
    List<Point> points = new ArrayList<>();
    for (Layer each : layers) {
      if (!Double.isNaN(each.cka())) {
        points.add(Point.of(each.number(), each.cka()));
      }
    }
    return new Figure(
        "cka",
        "Similarity of the two models",
        "",
        Axis.whole("layer"),
        Axis.linear("linear CKA"),
        List.of(new Series("CKA", points)),
        Figure.Style.LINES);
  }
}
