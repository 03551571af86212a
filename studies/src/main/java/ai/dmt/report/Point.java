package ai.dmt.report;

/**
 * A measured value.
 *
 * @param x place on the horizontal axis; on an axis of categories, the index of one
 * @param y the value
 * @param low lower end of its interval; equal to {@code y} where none is known
 * @param high upper end of its interval
 * @param xLow lower end of an interval of {@code x}; equal to it where there is none
 * @param xHigh upper end of an interval of {@code x}
 * @param seeds that it is a mean over; 0 where it is none over seeds
 */
public record Point(
    double x, double y, double low, double high, double xLow, double xHigh, int seeds) {
  /** Fewer say nothing of their spread. */
  static final int LEAST_SEEDS = 3;

  /**
   * Checks the order of the ends.
   *
   * @param x place on the horizontal axis; on an axis of categories, the index of one
   * @param y the value
   * @param low lower end of its interval; equal to {@code y} where none is known
   * @param high upper end of its interval
   * @param xLow lower end of an interval of {@code x}; equal to it where there is none
   * @param xHigh upper end of an interval of {@code x}
   * @param seeds that it is a mean over; 0 where it is none over seeds
   */
  public Point {
    if (!Double.isFinite(x) || !(low <= y && y <= high) || !(xLow <= x && x <= xHigh)) {
      throw new IllegalArgumentException(
          "expected a finite x in its interval and low <= y <= high, got x=%s in [%s, %s], y=%s in [%s, %s]"
              .formatted(x, xLow, xHigh, y, low, high));
    }
  }

  /**
   * Makes a point whose place is exact.
   *
   * @param x place on the horizontal axis; on an axis of categories, the index of one
   * @param y the value
   * @param low lower end of its interval; equal to {@code y} where none is known
   * @param high upper end of its interval
   */
  public Point(double x, double y, double low, double high) {
    this(x, y, low, high, x, x, 0);
  }

  /**
   * {@return the same as a mean over seeds}
   *
   * @param count of the seeds
   */
  public Point over(int count) {
    return new Point(x, y, low, high, xLow, xHigh, count);
  }

  /** Whether it is a mean over too few seeds for an interval. */
  boolean hasFewSeeds() {
    return seeds > 0 && seeds < LEAST_SEEDS && !hasInterval();
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
