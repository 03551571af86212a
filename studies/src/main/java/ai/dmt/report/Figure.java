package ai.dmt.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure and its data; how it looks is {@link FigurePainter}'s.
 *
 * @param id letters, digits and hyphens; names its file and its anchor
 * @param title one line
 * @param caption what is to be seen, in a sentence or two; may be empty
 * @param x horizontal axis
 * @param y vertical axis
 * @param series at least one
 * @param style how points are drawn
 */
public record Figure(
    String id, String title, String caption, Axis x, Axis y, List<Series> series, Style style) {
  /** Points that make a series a curve of {@link Style#FITS}, at least. */
  static final int CURVE_POINTS = 40;

  /** Categories of which a radar can be drawn, at least. */
  public static final int LEAST_SPOKES = 3;

  /** How points are drawn. */
  public enum Style {
    /** Joined, with the intervals as a band. */
    LINES,
    /** Apart, with the intervals as bars; a row for each category. */
    DOTS,
    /**
     * Joined to a closed polygon over the spokes of three categories or more, without intervals.
     */
    RADAR,
    /** Apart, with the intervals of both axes as bars: measures against each other. */
    PLANE,
    /** Apart, without intervals: a cloud. */
    CLOUD,
    /** Curves of many points joined, the others apart with their intervals as bars. */
    FITS,
    /**
     * A row for each series, a column for each category, cells as deep as their values are large.
     */
    SURFACE
  }

  /**
   * Checks the id and copies the series.
   *
   * @param id letters, digits and hyphens; names its file and its anchor
   * @param title one line
   * @param caption what is to be seen, in a sentence or two; may be empty
   * @param x horizontal axis
   * @param y vertical axis
   * @param series at least one
   * @param style how points are drawn
   */
  public Figure {
    if (!id.matches("[a-z0-9-]+")) {
      throw new IllegalArgumentException(
          "a figure's id is made of a-z, 0-9 and hyphens, got \"%s\"".formatted(id));
    }
    series = List.copyOf(series);
    if (series.isEmpty()) {
      throw new IllegalArgumentException("figure \"%s\" has no series".formatted(id));
    }
    if (style == Style.RADAR && x.categories().size() < LEAST_SPOKES) {
      throw new IllegalArgumentException(
          "figure \"%s\": a radar has three categories or more, got %s"
              .formatted(id, x.categories()));
    }
  }

  /** What all figures say of points of few seeds; empty where there are none. */
  String note() {
    return series.stream().flatMap(one -> one.points().stream()).anyMatch(Point::hasFewSeeds)
        ? " Hollow: fewer than three seeds, so no interval is known."
        : "";
  }

  /** {@return the data of the figure: one row per point, with its interval} */
  public Table table() {
    List<List<String>> rows = new ArrayList<>();
    boolean wide =
        series.stream().flatMap(one -> one.points().stream()).anyMatch(p -> p.xLow() < p.xHigh());
    boolean counted =
        series.stream().flatMap(one -> one.points().stream()).anyMatch(p -> p.seeds() > 0);
    for (Series one : series) {
      for (Point point : one.points()) {
        List<String> row =
            new ArrayList<>(
                List.of(
                    one.name(),
                    x.text(point.x()),
                    y.text(point.y()),
                    point.hasInterval() ? y.text(point.low()) : "",
                    point.hasInterval() ? y.text(point.high()) : ""));
        if (wide) {
          row.add(2, x.text(point.xLow()));
          row.add(3, x.text(point.xHigh()));
        }
        if (counted) {
          row.add(point.seeds() == 0 ? "" : Integer.toString(point.seeds()));
        }
        rows.add(row);
      }
    }
    List<String> header = new ArrayList<>(List.of("series", x.label(), y.label(), "low", "high"));
    if (wide) {
      header.addAll(2, List.of("from", "to"));
    }
    if (counted) {
      header.add("seeds");
    }
    return new Table(header, rows);
  }
}
