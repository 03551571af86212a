package ai.dmt.report;

import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.Locale;

/** Shapes of dots, told apart without their colours. All can be filled or hollow. */
enum Mark {
  CIRCLE,
  SQUARE(-3, -3, 3, -3, 3, 3, -3, 3),
  TRIANGLE(0, -4.5, 4, 3.5, -4, 3.5),
  DIAMOND(0, -4.5, 4.5, 0, 0, 4.5, -4.5, 0),
  TRIANGLE_DOWN(0, 4.5, 4, -3.5, -4, -3.5),
  PLUS(
      -1.5, -4.5, 1.5, -4.5, 1.5, -1.5, 4.5, -1.5, 4.5, 1.5, 1.5, 1.5, 1.5, 4.5, -1.5, 4.5, -1.5,
      1.5, -4.5, 1.5, -4.5, -1.5, -1.5, -1.5),
  STAR(
      0, -5, 1.3, -1.7, 4.8, -1.5, 2, 0.7, 3, 4.1, 0, 2.1, -3, 4.1, -2, 0.7, -4.8, -1.5, -1.3,
      -1.7),
  CROSS(
      -4.2, -2.1, -2.1, -4.2, 0, -2.1, 2.1, -4.2, 4.2, -2.1, 2.1, 0, 4.2, 2.1, 2.1, 4.2, 0, 2.1,
      -2.1, 4.2, -4.2, 2.1, -2.1, 0);

  private static final double RADIUS = 3.5;

  private final double[] corners; // x and y of each, y downwards; of a circle none

  Mark(double... corners) {
    this.corners = corners;
  }

  /** That of a look; they repeat when there are more. */
  static Mark of(int look) {
    return values()[look % values().length];
  }

  /** Around the point (0, 0). */
  Shape shape() {
    if (this == CIRCLE) {
      return new Ellipse2D.Double(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS);
    }
    Path2D path = new Path2D.Double();
    path.moveTo(corners[0], corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      path.lineTo(corners[i], corners[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** The same as the data of an SVG path. */
  String path() {
    if (this == CIRCLE) {
      return String.format(
          Locale.ROOT,
          "M-%1$s 0a%1$s %1$s 0 1 0 %2$s 0a%1$s %1$s 0 1 0 -%2$s 0z",
          RADIUS,
          2 * RADIUS);
    }
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      path.append(i == 0 ? 'M' : 'L').append(corners[i]).append(' ').append(corners[i + 1]);
    }
    return path.append('z').toString();
  }
}
