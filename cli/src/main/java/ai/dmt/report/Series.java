package ai.dmt.report;

import java.util.List;

/**
 * Points of one name, in the order of the horizontal axis.
 *
 * @param name as the legend shows it
 * @param points at least one
 */
public record Series(String name, List<Point> points) {
  /** Copies the points. */
  public Series {
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("series \"%s\" has no points".formatted(name));
    }
  }
}
