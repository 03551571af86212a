package ai.dmt.report;

/**
 * A measured value.
 *
 * @param x place on the horizontal axis; on an axis of categories, the index of one
 * @param y the value
 * @param low lower end of its interval; equal to {@code y} where none is known
 * @param high upper end of its interval
 */
public record Point(double x, double y, double low, double high) {
  /**
   * Checks the order of the ends.
   *
   * @param x place on the horizontal axis; on an axis of categories, the index of one
   * @param y the value
   * @param low lower end of its interval; equal to {@code y} where none is known
   * @param high upper end of its interval
   */
  public Point {
    if (!Double.isFinite(x) || !(low <= y && y <= high)) {
      throw new IllegalArgumentException(
          "expected a finite x and low <= y <= high, got x=%s, y=%s in [%s, %s]"
              .formatted(x, y, low, high));
    }
  }

  /**
   * {@return a value without an interval}
   *
   * @param x place on the horizontal axis
   * @param y the value, finite
   */
  public static Point of(double x, double y) {
    return new Point(x, y, y, y);
  }

  /** {@return whether an interval is known} */
  public boolean hasInterval() {
    return low < high;
  }
}
