package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class FigurePainterTest {
  private static final Figure SCALING =
      new Figure(
          "scaling-math",
          "Math by amount of data",
          "Accuracy on GSM8K.",
          Axis.fraction("share of the source"),
          Axis.linear("accuracy, %"),
          List.of(
              new Series(
                  "alone",
                  List.of(
                      new Point(1 / 64.0, 12, 10, 15),
                      new Point(1 / 16.0, 30, 27, 33),
                      new Point(1, 60, 57, 63))),
              new Series("mixed", List.of(Point.of(1 / 64.0, 18), Point.of(1, 58)))),
          Figure.Style.LINES);

  private static final Figure STRATEGIES =
      new Figure(
          "strategies",
          "Strategies",
          "",
          Axis.categories("strategy", List.of("multi-task", "sequential", "DMT 1/16")),
          Axis.linear("score"),
          List.of(
              new Series("seed 1", List.of(new Point(0, 5, 4, 6), new Point(2, 6, 5, 7))),
              new Series("seed 2", List.of(new Point(0, 5.5, 4.5, 6.5)))),
          Figure.Style.DOTS);

  @Test
  void theSvgIsWellFormedScalesAndHoldsTheNames() throws Exception {
    String svg = FigurePainter.svg(SCALING);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertEquals("0 0 480 320", document.getDocumentElement().getAttribute("viewBox"));
    assertEquals("", document.getDocumentElement().getAttribute("width"));
    for (String text : List.of("alone", "mixed", "share of the source")) {
      assertTrue(svg.contains(">" + text + "<"), "the figure shows no \"" + text + "\"");
    }
    assertFalse(svg.contains("href="), "no link leaves the file");
  }

  @Test
  void coloursAreThePages() {
    String svg = FigurePainter.svg(STRATEGIES);
    assertTrue(svg.contains("var(--series-1)") && svg.contains("var(--ink)"), svg);
    assertFalse(svg.matches("(?s).*rgb\\((?!0,0,0\\)|255,255,255\\)).*"), "a colour of its own");
    for (Theme theme : List.of(Theme.LIGHT, Theme.DARK)) {
      assertTrue(theme.properties().contains("--series-1: #"), theme.properties());
    }
  }

  @Test
  void aSurfaceShowsItsValuesAndIsDeeperWhereTheyAreLarger() {
    Figure surface =
        new Figure(
            "surface",
            "Loss",
            "",
            Axis.categories("share of general data", List.of("0", "1/16")),
            Axis.linear("nats"),
            List.of(
                new Series("specialized 0", List.of(Point.of(1, 2.5))),
                new Series("specialized 1", List.of(Point.of(0, 1.25), Point.of(1, 1.75)))),
            Figure.Style.SURFACE);
    String svg = FigurePainter.svg(surface);
    for (String text : List.of("2.5", "1.25", "1.75", "1/16", "specialized 0", "specialized 1")) {
      assertTrue(svg.contains(">" + text + "<"), "the surface shows no \"" + text + "\"");
    }
    for (String depth : List.of("0.549", "0.2196", "0")) { // 0.55 (value - 1.25) / 1.25
      assertTrue(
          svg.contains("fill=\"var(--series-1)\" fill-opacity=\"%s\"".formatted(depth)), svg);
    }
    assertEquals(List.of("specialized 0", "1/16", "2.5", "", ""), surface.table().rows().get(0));
  }

  /** Of four spokes a polygon has four corners, and ends where it begins. */
  @Test
  void aRadarIsAClosedPolygonForEachSeriesOverNamedSpokes() {
    Figure radar =
        new Figure(
            "radar",
            "Ratings",
            "",
            Axis.categories("category", List.of("writing", "math", "roleplay", "stem")),
            Axis.linear("rating"),
            List.of(
                new Series(
                    "one", List.of(Point.of(0, 9), Point.of(1, 9), Point.of(2, 9), Point.of(3, 9))),
                new Series(
                    "two",
                    List.of(Point.of(0, 2), Point.of(1, 5), Point.of(2, 2), Point.of(3, 5)))),
            Figure.Style.RADAR);
    String svg = FigurePainter.svg(radar);
    for (String text : List.of("one", "two", "writing", "math", "roleplay", "stem", "2", "8")) {
      assertTrue(svg.contains(">" + text + "<"), "the radar shows no \"" + text + "\"");
    }
    Drawing drawing = Drawing.of(radar);
    for (Drawing.Trace trace : drawing.traces()) {
      List<double[]> corners = trace.lines().get(0);
      assertEquals(5, corners.size());
      assertArrayEquals(corners.get(0), corners.get(4));
    }
    assertArrayEquals(new double[] {0, 1}, drawing.traces().get(0).lines().get(0).get(0), 1e-12);
    assertArrayEquals(new double[] {1, 0}, drawing.traces().get(0).lines().get(0).get(1), 1e-12);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Figure(
                "radar",
                "",
                "",
                Axis.categories("", List.of("a", "b")),
                Axis.linear(""),
                radar.series(),
                Figure.Style.RADAR));
  }

  @Test
  void zeroHasAPlaceOfItsOwnOnALogarithmicAxis() {
    Axis axis = Axis.fractionWithZero("k", 1 / 64.0);
    assertEquals(1 / 256.0, axis.place(0));
    assertEquals(1 / 64.0, axis.place(1 / 64.0));
    assertEquals("0", axis.text(0));
    Figure sweep =
        new Figure(
            "sweep",
            "k",
            "",
            axis,
            Axis.linear("score"),
            List.of(
                new Series(
                    "dmt",
                    List.of(new Point(0, 3, 2, 4), new Point(1 / 64.0, 5, 4, 6), Point.of(1, 7)))),
            Figure.Style.LINES);
    String svg = FigurePainter.svg(sweep);
    for (String tick : List.of("0", "1/64", "1/16", "1/4", "1")) {
      assertTrue(svg.contains(">" + tick + "<"), "no tick " + tick);
    }
  }

  @Test
  void aShortLogarithmicAxisHasTicksAtItsDataAndBetweenThePowersOfTen() {
    Figure laws =
        new Figure(
            "laws",
            "laws",
            "",
            Axis.log("samples"),
            Axis.linear("score"),
            List.of(new Series("runs", List.of(Point.of(48, 1), Point.of(775, 6)))),
            Figure.Style.FITS);
    String svg = FigurePainter.svg(laws);
    for (String tick : List.of("48", "100", "200", "500", "775")) {
      assertTrue(svg.contains(">" + tick + "<"), "no tick " + tick);
    }
  }

  @Test
  void aCountHasWholeTicks() {
    Figure layers =
        new Figure(
            "layers",
            "layers",
            "",
            Axis.whole("layer"),
            Axis.linear("CKA"),
            List.of(new Series("cka", List.of(Point.of(0, 0.9), Point.of(1, 0.8), Point.of(2, 1)))),
            Figure.Style.LINES);
    String svg = FigurePainter.svg(layers);
    assertTrue(svg.contains(">2<") && !svg.contains(">0.5<") && !svg.contains(">1.5<"), svg);
  }

  @Test
  void thePngIsAnImageOfThreeTimesTheSize() throws Exception {
    byte[] png = FigurePainter.png(SCALING);
    assertEquals(1440, ImageIO.read(new ByteArrayInputStream(png)).getWidth());
  }
}
