package ai.dmt.watch;

import ai.dmt.report.Point;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * A series of any length in at most {@value #MOST} buckets of steps, each with its mean, least and
 * greatest value, so that a drawing of few points still has every spike. What is not finite has no
 * place in a drawing and is left out.
 */
final class Curve {
  static final int MOST = 240;

  private static final MathContext DIGITS = new MathContext(5); // more cannot be seen
  private static final int AVERAGED = 12; // buckets that a smooth curve remembers

  private final Bucket[] buckets = new Bucket[MOST]; // null: no value
  private long width = 1; // steps

  /** Values of some steps. */
  private static final class Bucket {
    private double sum;
    private double weight;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;
    private long lastStep;

    private void add(Bucket other) {
      sum += other.sum;
      weight += other.weight;
      least = Math.min(least, other.least);
      most = Math.max(most, other.most);
      lastStep = Math.max(lastStep, other.lastStep);
    }
  }

  /** Adds a value. @param weight of it in means, such as label tokens; above 0 */
  void add(long step, double value, double weight) {
    if (!Double.isFinite(value) || !(weight > 0) || step < 0) {
      return;
    }
    while (step / width >= MOST) {
      widen();
    }
    Bucket one = new Bucket();
    one.sum = value * weight;
    one.weight = weight;
    one.least = value;
    one.most = value;
    one.lastStep = step;
    int place = (int) (step / width);
    if (buckets[place] == null) {
      buckets[place] = one;
    } else {
      buckets[place].add(one);
    }
  }

  private void widen() {
    for (int i = 0; i < MOST / 2; i++) {
      Bucket left = buckets[2 * i];
      Bucket right = buckets[2 * i + 1];
      if (left != null && right != null) {
        left.add(right);
      }
      buckets[i] = left == null ? right : left;
    }
    java.util.Arrays.fill(buckets, MOST / 2, MOST, null);
    width *= 2;
  }

  boolean isEmpty() {
    return java.util.Arrays.stream(buckets).allMatch(bucket -> bucket == null);
  }

  /** Steps that a point stands for. */
  long width() {
    return width;
  }

  /** Means with the range of what they are of. */
  List<Point> ranges() {
    List<Point> points = new ArrayList<>();
    for (Bucket bucket : buckets) {
      if (bucket != null) {
        double mean = bucket.sum / bucket.weight;
        double least = rounded(bucket.least);
        double most = rounded(bucket.most);
        points.add(
            new Point(
                bucket.lastStep, Math.min(most, Math.max(least, rounded(mean))), least, most));
      }
    }
    return points;
  }

  /** Means alone. */
  List<Point> means() {
    return ranges().stream().map(point -> Point.of(point.x(), point.y())).toList();
  }

  /** Means that follow slowly. @param starts steps at which something new begins */
  List<Point> smooth(List<Long> starts) {
    List<Point> points = new ArrayList<>();
    double average = Double.NaN;
    double seen = 0;
    double before = -1;
    for (Point point : ranges()) {
      double from = before;
      boolean anew = starts.stream().anyMatch(start -> start > from && start <= point.x());
      if (anew) {
        seen = 0;
      }
      seen = Math.min(AVERAGED, seen + 1);
      average = seen == 1 ? point.y() : average + (point.y() - average) / seen;
      points.add(Point.of(point.x(), rounded(average)));
      before = point.x();
    }
    return points;
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
