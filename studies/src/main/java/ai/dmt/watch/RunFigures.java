package ai.dmt.watch;

import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The curves of a run as figures. */
final class RunFigures {
  private static final Axis STEPS = Axis.whole("step");
  private static final Axis LOSS = Axis.linear("loss, nats a label token");
  private static final Axis MEMORY = Axis.linear("GiB");
  private static final int RAW = 6; // number of a quiet colour
  private static final double WIDE = 30; // range of values that equal steps would flatten

  private final RunMetrics metrics;

  RunFigures(RunMetrics metrics) {
    this.metrics = metrics;
  }

  /** Those that there is something to show in. */
  List<Figure> all() {
    List<Figure> figures = new ArrayList<>();
    if (!metrics.loss().isEmpty()) {
      figures.add(loss("loss", "Training loss"));
    }
    if (metrics.bySource().size() > 1) {
      figures.add(
          sources(
              "sources",
              "Training loss by source",
              "Mean" + each(metrics.loss()) + ".",
              metrics.bySource(),
              true));
    }
    if (!metrics.heldOut().isEmpty()) {
      figures.add(
          sources(
              "held-out",
              "Held-out loss",
              "By source, as it was measured.",
              metrics.heldOut(),
              false));
    }
    one(figures, "rate", "Learning rate", Axis.linear("learning rate"), metrics.rate());
    one(figures, "norm", "Gradient norm", normAxis(), metrics.norm());
    one(figures, "speed", "Throughput", Axis.linear("tokens a second"), metrics.speed());
    one(figures, "resident", "Memory of the process", MEMORY, metrics.resident());
    one(figures, "gpu-memory", "Memory in use of the GPU", MEMORY, metrics.gpu());
    return figures;
  }

  /** Raw and smooth. @param id of the figure */
  Figure loss(String id, String title) {
    Curve curve = metrics.loss();
    List<Series> series = new ArrayList<>();
    series.add(new Series("as measured", curve.ranges(), RAW));
    series.add(new Series("smoothed", curve.smooth(metrics.startSteps()), 0));
    String range = curve.width() > 1 ? " The band is from the least to the greatest of them." : "";
    return new Figure(
        id,
        title,
        "Mean%s, and smoothed.%s%s".formatted(each(curve), range, stages()),
        STEPS,
        LOSS,
        series,
        Figure.Style.LINES);
  }

  private Figure sources(
      String id, String title, String caption, Map<String, Curve> curves, boolean smooth) {
    Set<String> names = new TreeSet<>(metrics.bySource().keySet());
    names.addAll(metrics.heldOut().keySet());
    List<String> looks = List.copyOf(names); // a source looks the same in both figures
    List<Series> series = new ArrayList<>();
    curves.forEach(
        (name, curve) -> {
          if (!curve.isEmpty()) {
            List<Point> points = smooth ? curve.smooth(List.of()) : curve.means();
            series.add(new Series(name, points, looks.indexOf(name)));
          }
        });
    return new Figure(id, title, caption, STEPS, LOSS, series, Figure.Style.LINES);
  }

  private void one(List<Figure> figures, String id, String title, Axis axis, Curve curve) {
    if (curve.isEmpty()) {
      return;
    }
    List<Point> points = curve.ranges();
    figures.add(
        new Figure(
            id,
            title,
            curve.width() > 1 ? "Mean%s, with its range.".formatted(each(curve)) : "",
            STEPS,
            axis,
            List.of(new Series(title, points, 0)),
            Figure.Style.LINES));
  }

  private Axis normAxis() {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (Point point : metrics.norm().ranges()) {
      least = Math.min(least, point.low());
      most = Math.max(most, point.high());
    }
    String label = "norm before clipping";
    return least > 0 && most > WIDE * least ? Axis.log(label) : Axis.linear(label);
  }

  private static String each(Curve curve) {
    return curve.width() == 1 ? " of each step" : " of each %s steps".formatted(curve.width());
  }

  /** Such as " Stage code begins with step 135." */
  private String stages() {
    StringBuilder text = new StringBuilder();
    metrics
        .starts()
        .forEach(
            (name, step) -> {
              if (step > 1) {
                text.append(" Stage %s begins with step %s.".formatted(name, step));
              }
            });
    return text.toString();
  }
}
