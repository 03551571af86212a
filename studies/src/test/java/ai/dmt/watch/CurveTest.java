package ai.dmt.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {
  @Test
  void fewValuesAreThemselves() {
    Curve curve = new Curve();
    curve.add(1, 3, 1);
    curve.add(2, 2, 1);
    curve.add(3, Double.NaN, 1);
    assertEquals(List.of(Point.of(1, 3), Point.of(2, 2)), curve.ranges());
  }

  @Test
  void manyValuesKeepMeansAndEveryExtreme() {
    Curve curve = new Curve();
    for (long step = 1; step <= 100_000; step++) {
      curve.add(step, step == 77_777 ? 50 : step == 5 ? -50 : step % 2, 1);
    }
    List<Point> points = curve.ranges();
    assertTrue(points.size() <= Curve.MOST && points.size() > Curve.MOST / 2);
    assertEquals(1, points.stream().filter(point -> point.high() == 50).count());
    assertEquals(1, points.stream().filter(point -> point.low() == -50).count());
    Point usual = points.get(points.size() / 2);
    assertEquals(new Point(usual.x(), 0.5, 0, 1), usual);
    assertEquals(100_000, points.get(points.size() - 1).x());
  }

  @Test
  void meansAreWeighted() {
    Curve curve = new Curve();
    for (long step = 0; step < 480; step += 2) {
      curve.add(step, 1, 3);
      curve.add(step + 1, 2, 1);
    }
    assertEquals(2, curve.width());
    assertEquals(1.25, curve.means().get(0).y());
  }

  @Test
  void aSmoothCurveBeginsAnewWithAStage() {
    Curve curve = new Curve();
    for (long step = 1; step <= 40; step++) {
      curve.add(step, step < 21 ? 1 : 9, 1);
    }
    List<Point> smooth = curve.smooth(List.of(1L, 21L));
    assertEquals(1, smooth.get(19).y());
    assertEquals(9, smooth.get(20).y());
    assertTrue(curve.smooth(List.of(1L)).get(20).y() < 2);
  }
}
