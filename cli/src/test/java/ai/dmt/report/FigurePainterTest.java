package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    String svg = FigurePainter.svg(SCALING, Theme.LIGHT);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertEquals("0.0 0.0 720.0 400.0", document.getDocumentElement().getAttribute("viewBox"));
    assertEquals("", document.getDocumentElement().getAttribute("width"));
    for (String text : List.of("alone", "mixed", "share of the source")) {
      assertTrue(svg.contains(">" + text + "<"), "the figure shows no \"" + text + "\"");
    }
    assertFalse(svg.contains("href="), "no link leaves the file");
  }

  @Test
  void themesDifferOnlyInColour() {
    String light = FigurePainter.svg(STRATEGIES, Theme.LIGHT);
    String dark = FigurePainter.svg(STRATEGIES, Theme.DARK);
    assertFalse(light.equals(dark));
    assertEquals(colourless(light), colourless(dark));
  }

  @Test
  void thePngIsAnImageOfThreeTimesTheSize() throws Exception {
    byte[] png = FigurePainter.png(SCALING);
    assertEquals(2160, ImageIO.read(new ByteArrayInputStream(png)).getWidth());
  }

  private static String colourless(String svg) {
    return svg.replaceAll("rgb\\([0-9,]+\\)|#[0-9a-f]{6}", "").replaceAll("-(dark|light)", "");
  }
}
