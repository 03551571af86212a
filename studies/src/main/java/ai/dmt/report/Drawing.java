package ai.dmt.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * What a figure shows, worked out once: lines, bands, bars, marks, ranges and ticks, in values of
 * the axes. {@link FigurePainter} puts it on paper and figures.js on a screen; neither decides
 * anything, so the two cannot differ. A surface is drawn on paper alone.
 *
 * @param title of the figure
 * @param rows whether the first axis goes down and the second across, a row for each category
 * @param x first axis
 * @param y second axis
 * @param traces a trace for each series
 * @param frame lines below the traces that stand in for axes; none where there are axes
 * @param texts beside the frame
 */
record Drawing(
    String title,
    boolean rows,
    Scale x,
    Scale y,
    List<Trace> traces,
    List<List<double[]>> frame,
    List<Text> texts) {
  private static final double DODGE = 0.14; // of a category, between its dots
  private static final double MOST_DODGED = 0.7;

  /**
   * An axis.
   *
   * @param label with the unit; may be empty
   * @param log whether equal ratios are equally far apart
   * @param low end of what is in sight
   * @param high end of what is in sight
   * @param ticks from low to high
   */
  record Scale(String label, boolean log, double low, double high, List<Tick> ticks) {}

  /**
   * A place with a name.
   *
   * @param at the place
   * @param label as it is written
   */
  record Tick(double at, String label) {}

  /**
   * A series.
   *
   * @param name as the legend has it
   * @param color number of its colour
   * @param mark how its dots look
   * @param marked whether dots are seen, or only found by the pointer
   * @param lines each through some points
   * @param bands each around some points, there and back
   * @param bars each between two points
   * @param dots one for each point
   */
  record Trace(
      String name,
      int color,
      Mark mark,
      boolean marked,
      List<List<double[]>> lines,
      List<List<double[]>> bands,
      List<List<double[]>> bars,
      List<Dot> dots) {
    /** The outline as a script draws it. */
    @JsonProperty
    String path() {
      return mark.path();
    }
  }

  /**
   * A measured point.
   *
   * @param x its place on the first axis
   * @param y its place on the second axis
   * @param hollow whether it has too few seeds for an interval
   * @param at what it is of
   * @param says its value, with its interval
   */
  record Dot(double x, double y, boolean hollow, String at, String says) {}

  /**
   * Words in the plane.
   *
   * @param x place on the first axis: words left of 0 end there, words right of it begin there
   * @param y place on the second axis
   * @param says the words
   */
  record Text(double x, double y, String says) {}

  /** Whether a frame stands in for axes. */
  boolean framed() {
    return !frame.isEmpty();
  }

  static Drawing of(Figure figure) {
    if (figure.style() == Figure.Style.RADAR) {
      return Radar.of(figure);
    }
    boolean rows =
        figure.style() == Figure.Style.DOTS && figure.x().scale() == Axis.Scale.CATEGORIES;
    List<Trace> traces = new ArrayList<>();
    int count = figure.series().size();
    for (int i = 0; i < count; i++) {
      // Dots of one category stand side by side, so that their bars can be told apart.
      double shift = rows ? (i - (count - 1) / 2.0) * Math.min(DODGE, MOST_DODGED / count) : 0;
      traces.add(trace(figure, i, shift));
    }
    List<Double> across = new ArrayList<>();
    List<Double> up = new ArrayList<>();
    for (Series series : figure.series()) {
      for (Point point : series.points()) {
        across.addAll(List.of(figure.x().place(point.xLow()), figure.x().place(point.xHigh())));
        up.addAll(List.of(point.low(), point.y(), point.high()));
      }
    }
    return new Drawing(
        figure.title(),
        rows,
        Ticks.scale(figure.x(), across),
        Ticks.scale(figure.y(), up),
        traces,
        List.of(),
        List.of());
  }

  private static Trace trace(Figure figure, int number, double shift) {
    Series series = figure.series().get(number);
    int look = series.look() == Series.BY_PLACE ? number : series.look();
    Figure.Style style = figure.style();
    boolean many = isCurve(series);
    boolean joined = style == Figure.Style.LINES || (style == Figure.Style.FITS && many);
    boolean curve = // marks on some of the lines of a figure alone would say that those differ
        style == Figure.Style.LINES ? figure.series().stream().anyMatch(Drawing::isCurve) : many;
    List<Dot> dots = new ArrayList<>();
    List<List<double[]>> bars = new ArrayList<>();
    List<Point> line = new ArrayList<>();
    for (Point point : series.points()) {
      dots.add(dot(figure, point, figure.x().place(point.x()) + shift, point.y()));
      boolean apart = !joined || figure.x().isZero(point.x()); // 0 is no part of a curve
      if (!apart) {
        line.add(point);
      } else if (style != Figure.Style.CLOUD) {
        double x = figure.x().place(point.x()) + shift;
        bar(bars, x, point);
        if (style == Figure.Style.PLANE && point.xLow() < point.xHigh()) {
          bars.add(
              List.of(
                  new double[] {point.xLow(), point.y()}, new double[] {point.xHigh(), point.y()}));
        }
      }
    }
    return new Trace(
        series.name(),
        look,
        Mark.of(look),
        !(curve && joined),
        line.size() < 2 ? List.of() : List.of(line.stream().map(p -> at(p, p.y())).toList()),
        bands(line, bars),
        bars,
        dots);
  }

  private static boolean isCurve(Series series) {
    return series.points().size() >= Figure.CURVE_POINTS;
  }

  private static void bar(List<List<double[]>> bars, double x, Point point) {
    if (point.hasInterval()) {
      bars.add(List.of(new double[] {x, point.low()}, new double[] {x, point.high()}));
    }
  }

  /**
   * A band around each stretch of points with intervals: where one has none it breaks, for there
   * nothing is known. A point by itself has a bar.
   */
  private static List<List<double[]>> bands(List<Point> line, List<List<double[]>> bars) {
    List<List<double[]>> bands = new ArrayList<>();
    List<Point> stretch = new ArrayList<>();
    for (int i = 0; i <= line.size(); i++) {
      if (i < line.size() && line.get(i).hasInterval()) {
        stretch.add(line.get(i));
      } else {
        if (stretch.size() == 1) {
          bar(bars, stretch.get(0).x(), stretch.get(0));
        } else if (!stretch.isEmpty()) {
          List<double[]> band = new ArrayList<>();
          stretch.forEach(point -> band.add(at(point, point.high())));
          for (int back = stretch.size() - 1; back >= 0; back--) {
            band.add(at(stretch.get(back), stretch.get(back).low()));
          }
          bands.add(band);
        }
        stretch.clear();
      }
    }
    return bands;
  }

  private static double[] at(Point point, double y) {
    return new double[] {point.x(), y};
  }

  /** A point at some place, with what a reader who points at it is told. */
  static Dot dot(Figure figure, Point point, double x, double y) {
    String place = figure.x().text(point.x());
    String label = figure.x().label();
    return new Dot(
        x,
        y,
        point.hasFewSeeds(),
        label.isEmpty() ? place : label + ": " + place,
        point.hasInterval()
            ? "%s (%s to %s)"
                .formatted(
                    figure.y().text(point.y()),
                    figure.y().text(point.low()),
                    figure.y().text(point.high()))
            : figure.y().text(point.y())
                + (point.hasFewSeeds() ? ", seeds: " + point.seeds() : ""));
  }
}
