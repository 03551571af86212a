package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import ai.dmt.scaling.AdditiveLaw;
import ai.dmt.scaling.JointFit;
import ai.dmt.scaling.Observation;
import ai.dmt.scaling.ScalingFit.Range;
import ai.dmt.scaling.SizedObservation;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How abilities grow with the size of the model and the amount of their own data together. */
final class SizeScaling {
  private static final int CURVE_POINTS = 40;

  private final ResultView view;
  private final Map<Metric, JointFit> fits = new LinkedHashMap<>();
  private final Map<Metric, String> missing = new LinkedHashMap<>();

  SizeScaling(ResultView view) {
    this.view = view;
    if (view.sizes().isEmpty()) {
      return;
    }
    for (Metric metric : view.metrics()) {
      List<SizedObservation> data = observations(metric);
      JointFit.missing(data)
          .ifPresentOrElse(
              why -> missing.put(metric, why),
              () -> fits.put(metric, JointFit.of(data).orElseThrow()));
    }
  }

  /** Whether the study has one size alone. */
  boolean isEmpty() {
    return fits.isEmpty() && missing.isEmpty();
  }

  /** All runs of one source each; those of the study's own model stand in two questions. */
  private List<SizedObservation> observations(Metric metric) {
    List<SizedObservation> data = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (StudyQuestion question : List.of(StudyQuestion.AMOUNT, StudyQuestion.SIZE)) {
      for (String group : view.groups(question)) {
        List<JsonNode> fresh = new ArrayList<>();
        for (JsonNode cell : view.cells(group)) {
          if (seen.add(cell.at("/stages/0/node").asText() + cell.path("stages").size())) {
            fresh.add(cell);
          }
        }
        for (Observation one : StudyScaling.observations(view, fresh, metric)) {
          double size = view.parameters(view.cells(group).get(0));
          data.add(new SizedObservation(size, one.amount(), one.value()));
        }
      }
    }
    return data;
  }

  /** A row for each measure. */
  Table table() {
    List<List<String>> rows = new ArrayList<>();
    fits.forEach(
        (metric, fit) ->
            rows.add(
                List.of(
                    metric.label(),
                    fit.verdict(),
                    Integer.toString(fit.data().size()),
                    power(fit.sizeExponent(), fit.sizeRange()),
                    power(fit.amountExponent(), fit.amountRange()),
                    EffectText.probability(fit.sizeMatters()),
                    EffectText.probability(fit.interactionMatters()),
                    Units.format("%.3f", fit.deviation()),
                    additive(metric, fit))));
    missing.forEach(
        (metric, why) -> {
          List<String> row = new ArrayList<>(List.of(metric.label(), "no fit: " + why, "0"));
          while (row.size() < HEADER.size()) {
            row.add(EffectText.NONE);
          }
          rows.add(row);
        });
    return new Table(HEADER, rows);
  }

  private static final List<String> HEADER =
      List.of(
          "ability",
          "what the tests say",
          "runs",
          "power of size [95 %]",
          "power of amount [95 %]",
          "p: size matters",
          "p: size changes what data gain",
          "runs off the law (log)",
          "floor + size + amount");

  private static String power(double exponent, Range range) {
    return Units.format("%.2f [%.2f, %.2f]", exponent, range.low(), range.high());
  }

  private static String additive(Metric metric, JointFit fit) {
    AdditiveLaw law = fit.additive();
    if (law == null) {
      return "too few runs";
    }
    if (law.atEdge()) {
      return "no fit";
    }
    return "floor %s, powers %s and %s, left %s"
        .formatted(
            metric.text(StudyScaling.value(metric, law.floor())),
            Units.format("%.2f", law.sizeExponent()),
            Units.format("%.2f", law.amountExponent()),
            Units.format("%.3f", fit.additiveDeviation()));
  }

  /** For a report. */
  List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "Runs of one source each, of all sizes N and amounts D: a product of powers a N^b D^c"
                + " of the loss, or of the odds against a share or rating. One test asks whether"
                + " the size matters, another whether it changes what data gain. The last column is"
                + " the law of three parts added up, a floor, one of size and one of amount, with"
                + " exponents between -2 and -0.05; where a part vanishes or an exponent is at an"
                + " end, that is no fit. What a law leaves is a standard deviation of logarithms."
                + " Fewer than three sizes, or than two amounts at several of them, have no laws."));
    if (!fits.isEmpty()) {
      List<Figure> figures = new ArrayList<>();
      fits.forEach((metric, fit) -> figures.add(figure(metric, fit)));
      blocks.add(new Figures(figures));
    }
    blocks.add(new TableBlock("Laws of size and amount", table()));
    return blocks;
  }

  private Figure figure(Metric metric, JointFit fit) {
    Map<Double, List<Point>> measured = new LinkedHashMap<>();
    for (SizedObservation one : fit.data()) {
      measured
          .computeIfAbsent(one.size(), size -> new ArrayList<>())
          .add(Point.of(one.amount(), StudyScaling.shown(metric, one.value())));
    }
    List<Series> series = new ArrayList<>();
    List<Double> sizes = measured.keySet().stream().sorted().toList();
    for (double size : sizes) {
      int look = series.size();
      series.add(new Series(view.sizeName(size), measured.getOrDefault(size, List.of()), look));
    }
    for (double size : sizes) {
      series.add(
          new Series(view.sizeName(size) + ", law", curve(metric, fit, size), sizes.indexOf(size)));
    }
    return new Figure(
        "size-laws-" + metric.slug(),
        metric.label(),
        StudyScaling.sentence(fit.verdict()),
        Axis.log("samples of the source (log)"),
        metric.isLoss() ? Axis.log(metric.unit() + " (log)") : metric.axis(),
        series,
        Figure.Style.FITS);
  }

  private static List<Point> curve(Metric metric, JointFit fit, double size) {
    double low = fit.data().stream().mapToDouble(SizedObservation::amount).min().orElseThrow();
    double high = fit.data().stream().mapToDouble(SizedObservation::amount).max().orElseThrow();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < CURVE_POINTS; i++) {
      double n = low * Math.pow(high / low, i / (CURVE_POINTS - 1.0));
      points.add(Point.of(n, StudyScaling.shown(metric, fit.at(size, n))));
    }
    return points;
  }
}
