package ai.dmt.report;

import ai.dmt.report.Drawing.Dot;
import ai.dmt.report.Drawing.Scale;
import ai.dmt.report.Drawing.Text;
import ai.dmt.report.Drawing.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * A radar as lines in a plane: a spoke for each category, clockwise from the top, a ring for each
 * whole number, and a closed polygon for each series. Rings begin at a whole number below all
 * values.
 */
final class Radar {
  /** In radii: room for the names. Wider than high, as the drawing is. */
  private static final double WIDE = 1.5;

  private static final double HIGH = 1.25;
  private static final double NAMES = 1.1;
  private static final int MOST_RINGS = 6;

  private final Figure figure;
  private final int spokes;
  private final int low;
  private final int high;

  private Radar(Figure figure) {
    this.figure = figure;
    spokes = figure.x().categories().size();
    List<Double> values =
        figure.series().stream()
            .flatMap(one -> one.points().stream())
            .map(Point::y)
            .sorted()
            .toList();
    low = (int) Math.floor(values.get(0));
    high = Math.max(low + 1, (int) Math.ceil(values.get(values.size() - 1)));
  }

  static Drawing of(Figure figure) {
    return new Radar(figure).drawing();
  }

  private Drawing drawing() {
    List<List<double[]>> frame = new ArrayList<>();
    List<Text> texts = new ArrayList<>();
    for (int spoke = 0; spoke < spokes; spoke++) {
      frame.add(List.of(place(spoke, low), place(spoke, high)));
      double[] end = place(spoke, high);
      texts.add(new Text(NAMES * end[0], NAMES * end[1], figure.x().categories().get(spoke)));
    }
    int step = (high - low + MOST_RINGS - 1) / MOST_RINGS;
    for (int ring = low; ring <= high; ring += step) {
      List<double[]> corners = new ArrayList<>();
      for (int spoke = 0; spoke <= spokes; spoke++) {
        corners.add(place(spoke, ring));
      }
      frame.add(corners); // that of the lowest is the centre
      texts.add(new Text(0, place(0, ring)[1], Integer.toString(ring)));
    }
    List<Trace> traces = new ArrayList<>();
    for (int i = 0; i < figure.series().size(); i++) {
      traces.add(trace(i));
    }
    Scale across = new Scale("", false, -WIDE, WIDE, List.of());
    Scale up = new Scale("", false, -HIGH, HIGH, List.of());
    return new Drawing(figure.title(), false, across, up, traces, frame, texts);
  }

  private Trace trace(int number) {
    Series series = figure.series().get(number);
    int look = series.look() == Series.BY_PLACE ? number : series.look();
    List<double[]> corners = new ArrayList<>();
    List<Dot> dots = new ArrayList<>();
    for (Point point : series.points()) {
      double[] place = place(point.x(), point.y());
      corners.add(place);
      dots.add(Drawing.dot(figure, point, place[0], place[1]));
    }
    corners.add(corners.get(0));
    return new Trace(
        series.name(), look, Mark.of(look), true, List.of(corners), List.of(), List.of(), dots);
  }

  private double[] place(double spoke, double value) {
    double angle = 2 * Math.PI * spoke / spokes;
    double radius = (value - low) / (high - low);
    return new double[] {radius * Math.sin(angle), radius * Math.cos(angle)};
  }
}
