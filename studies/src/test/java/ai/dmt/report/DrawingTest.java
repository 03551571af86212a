package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Drawing.Dot;
import ai.dmt.report.Drawing.Scale;
import ai.dmt.report.Drawing.Tick;
import ai.dmt.report.Drawing.Trace;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is drawn, on paper and on the screen alike. */
class DrawingTest {
  private static Figure lines(Axis x, Axis y, Point... points) {
    return new Figure(
        "f", "f", "", x, y, List.of(new Series("one", List.of(points))), Figure.Style.LINES);
  }

  private static List<String> labels(Scale scale) {
    return scale.ticks().stream().map(Tick::label).toList();
  }

  @Test
  void aBandBreaksWhereOneSeedIsAllThatIsKnown() {
    Trace trace =
        Drawing.of(
                lines(
                    Axis.linear("x"),
                    Axis.linear("y"),
                    new Point(1, 5, 4, 6).over(3),
                    new Point(2, 6, 5, 7).over(3),
                    Point.of(3, 9).over(1),
                    new Point(4, 8, 7, 9).over(3)))
            .traces()
            .get(0);
    assertEquals(1, trace.bands().size());
    assertEquals(4, trace.bands().get(0).size(), "there and back over two points");
    assertEquals(1, trace.bars().size(), "a point by itself has a bar");
    assertEquals(4, trace.bars().get(0).get(0)[0]);
    assertEquals(4, trace.lines().get(0).size(), "the line itself goes on");
    assertEquals(
        List.of(false, false, true, false), trace.dots().stream().map(Dot::hollow).toList());
  }

  @Test
  void zeroStandsApartWithABarOfItsOwn() {
    Figure sweep =
        lines(
            Axis.fractionWithZero("k", 1 / 64.0),
            Axis.linear("y"),
            new Point(0, 3, 2, 4).over(3),
            new Point(1 / 64.0, 5, 4, 6).over(3),
            new Point(1, 7, 6, 8).over(3));
    Trace trace = Drawing.of(sweep).traces().get(0);
    assertEquals(2, trace.lines().get(0).size(), "no line reaches 0");
    assertEquals(4, trace.bands().get(0).size());
    assertEquals(1 / 256.0, trace.bars().get(0).get(0)[0]);
    assertEquals("k: 0", trace.dots().get(0).at());
  }

  @Test
  void theScriptHasTheSameShapesAsThePainter() throws Exception {
    Figure sweep =
        lines(
            Axis.fractionWithZero("k", 1 / 64.0),
            Axis.linear("y"),
            new Point(0, 3, 2, 4).over(3),
            new Point(1 / 64.0, 5, 4, 6).over(3),
            new Point(1, 7, 6, 8).over(3));
    JsonNode data = new ObjectMapper().readTree(ReportScripts.data(sweep));
    Drawing drawing = Drawing.of(sweep);
    JsonNode trace = data.path("traces").path(0);
    for (String kind : List.of("lines", "bands", "bars", "dots")) {
      assertFalse(trace.path(kind).isEmpty(), kind);
    }
    assertEquals(drawing.x().low(), data.at("/x/low").asDouble());
    assertEquals(drawing.traces().get(0).path(), trace.path("path").asText());
    String svg = FigurePainter.svg(sweep);
    assertEquals(1, svg.split("fill-opacity=\"0.18", -1).length - 1, "one band");
    for (Tick tick : drawing.x().ticks()) {
      assertTrue(svg.contains(">" + tick.label() + "<"), tick.label());
    }
  }

  @Test
  void seriesDifferInColourAndShape() {
    Set<Mark> marks = new HashSet<>();
    Set<String> paths = new HashSet<>();
    for (int look = 0; look < Theme.LIGHT.series().size(); look++) {
      marks.add(Mark.of(look));
      paths.add(Mark.of(look).path());
    }
    assertEquals(8, Theme.LIGHT.series().size());
    assertEquals(Theme.LIGHT.series().size(), Theme.DARK.series().size());
    assertEquals(8, marks.size());
    assertEquals(8, paths.size());
  }

  @Test
  void anAxisEndsWhereItsMeasureDoes() {
    Scale nothing =
        Drawing.of(
                lines(Axis.linear("x"), Axis.bounded("%", 0, 100), Point.of(1, 0), Point.of(2, 0)))
            .y();
    assertTrue(nothing.low() <= 0 && nothing.low() > -1, "a mark at 0 is whole, and no more");
    assertEquals("0", labels(nothing).get(0));
    assertEquals(labels(nothing).size(), Set.copyOf(labels(nothing)).size(), "no tick twice");
    Scale whole =
        Drawing.of(lines(Axis.whole("layer"), Axis.linear("y"), Point.of(0, 1), Point.of(2, 1.5)))
            .x();
    assertEquals(List.of("0", "1", "2"), labels(whole));
  }

  @Test
  void ticksOfRatiosAreAtTheData() {
    Scale sizes =
        Drawing.of(
                lines(
                    Axis.log("parameters"),
                    Axis.linear("y"),
                    Point.of(318_000, 1),
                    Point.of(1_000_576, 2),
                    Point.of(2_040_000, 3)))
            .x();
    assertEquals(List.of("318 k", "1 M", "2.04 M"), labels(sizes));
    Scale shares =
        Drawing.of(
                lines(
                    Axis.fractionWithZero("k", 1 / 128.0),
                    Axis.linear("y"),
                    Point.of(0, 1),
                    Point.of(1 / 128.0, 2),
                    Point.of(1 / 4.0, 2),
                    Point.of(1, 3)))
            .x();
    assertEquals(List.of("0", "1/128", "1/16", "1/4", "1"), labels(shares));
  }
}
