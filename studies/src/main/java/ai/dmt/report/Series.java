package ai.dmt.report;

import java.util.List;

/**
 * Points of one name, in the order of the horizontal axis.
 *
 * @param name as the legend shows it
 * @param points at least one
 * @param look number of its colour and mark, so that a name looks the same in several figures
 */
public record Series(String name, List<Point> points, int look) {
  /** Looks as its place among the figure's series has it. */
  static final int BY_PLACE = -1;

  /**
   * Copies the points.
   *
   * @param name as the legend shows it
   * @param points at least one
   * @param look number of its colour and mark, so that a name looks the same in several figures
   */
  public Series {
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("series \"%s\" has no points".formatted(name));
    }
    if (look < BY_PLACE) {
      throw new IllegalArgumentException(
          "series \"%s\": look must not be negative, got %s".formatted(name, look));
    }
  }

  /**
   * Makes a series that looks as its place among a figure's series has it.
   *
   * @param name as the legend shows it
   * @param points at least one
   */
  public Series(String name, List<Point> points) {
    this(name, points, BY_PLACE);
  }
}
