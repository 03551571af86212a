package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Section.Excerpt;
import ai.dmt.report.Section.Excerpts;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.Part;
import ai.dmt.report.Section.TableBlock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Table HOSTILE =
      new Table(
          List.of("sample", "answer"),
          List.of(List.of("1", "<script>alert(1)</script> | \" & '"), List.of("2", "two\nlines")));

  private static final Report REPORT =
      new Report(
          "Study",
          "tiny, 2 seeds",
          List.of(
              new Section(
                  "strategies",
                  "Strategies",
                  List.of(
                      new Paragraph("What was asked."),
                      new TableBlock("Scores", HOSTILE),
                      new FoldedTable("All samples", HOSTILE),
                      new HeatTable(
                          "Losses",
                          HOSTILE,
                          List.of(List.of(Double.NaN, 0.5), List.of(Double.NaN, 1.0))),
                      new FoldedFigures(
                          "More figures",
                          List.of(
                              new Figure(
                                  "curve",
                                  "A curve",
                                  "",
                                  Axis.linear("step"),
                                  Axis.linear("loss"),
                                  List.of(new Series("math", curve(), 2)),
                                  Figure.Style.LINES))),
                      new Excerpts(
                          "One of <all>",
                          List.of(
                              new Excerpt(
                                  "sample-1",
                                  "<b>1</b>",
                                  List.of(new Part("answer", "</pre><script>alert(2)"))))),
                      new Figures(
                          List.of(
                              new Figure(
                                  "k-sweep",
                                  "Replay",
                                  "More replay.",
                                  Axis.categories("k", List.of("0", "1/4", "1")),
                                  Axis.linear("accuracy, %"),
                                  List.of(
                                      new Series("math", List.of(Point.of(0, 3), Point.of(2, 60)))),
                                  Figure.Style.LINES)))))));

  @TempDir private Path folder;

  private static List<Point> curve() {
    return IntStream.range(0, 100).mapToObj(step -> Point.of(step, 3.0 / (1 + step))).toList();
  }

  @Test
  void pageMarkdownAndPngsAreWritten() throws Exception {
    REPORT.write(folder);
    REPORT.write(folder); // over the first
    String page = Files.readString(folder.resolve("report.html"));
    assertTrue(page.startsWith("<!DOCTYPE html>"), page.substring(0, 40));
    assertTrue(page.contains("<a href=\"#strategies\">Strategies</a>"));
    assertTrue(page.contains("two\nlines"));
    assertTrue(Files.size(folder.resolve("figures/k-sweep.png")) > 10_000);
    String markdown = Files.readString(folder.resolve("report.md"));
    assertTrue(markdown.contains("![Replay](figures/k-sweep.png)"), markdown);
    assertTrue(markdown.contains("| 2 | two<br>lines |"), markdown);
    try (var files = Files.list(folder)) {
      assertEquals(4, files.count(), "nothing but the report stays");
    }
    String data = Files.readString(folder.resolve("figures/k-sweep.csv"));
    assertTrue(data.startsWith("series,"), data);
    String svg = Files.readString(folder.resolve("figures/k-sweep.svg"));
    assertTrue(svg.startsWith("<?xml"), svg.substring(0, 40));
    assertFalse(svg.contains("var(--"), "a file of its own has its own colours");
    try (var files = Files.list(folder.resolve("tables"))) {
      assertTrue(files.count() > 0);
    }
  }

  @Test
  void markdownLeavesWhatIsLongToThePage() {
    String markdown = ReportMarkdown.of(REPORT);
    assertTrue(markdown.contains("![A curve](figures/curve.png)"), markdown);
    assertTrue(markdown.contains("Data: 100 rows, in report.html."), markdown);
    assertTrue(ReportPage.of(REPORT).contains("<td>0.03</td>"), "the page has the last row");
  }

  @Test
  void columnsOfWordsAreLeftAlignedAndTheirHeadingsToo() {
    assertTrue(ReportPage.of(REPORT).contains("<th scope=\"col\" class=\"text\">answer</th>"));
  }

  @Test
  void aSeriesKeepsItsLookWhereverItStands() {
    Figure curve = REPORT.figures().get(0);
    assertEquals("curve", curve.id());
    String svg = FigurePainter.svg(curve);
    assertTrue(svg.contains("var(--series-2)") && !svg.contains("var(--series-0)"), svg);
  }

  @Test
  void theTextOfSamplesStaysText() {
    String page = ReportPage.of(REPORT).replace("<script>" + ReportScripts.SCRIPT, "");
    assertFalse(page.contains("<script"));
    assertTrue(ReportPage.of(REPORT).contains("&lt;script&gt;alert(1)"));
    assertFalse(ReportMarkdown.of(REPORT).contains("<script"));
    assertTrue(ReportMarkdown.of(REPORT).contains("\\| \" &amp;"));
  }

  @Test
  void nothingOfThePageIsFetched() {
    String page = ReportPage.of(REPORT);
    assertFalse(page.contains("src="), "no picture, script or frame from elsewhere");
    assertFalse(page.matches("(?s).*url\\((?!#).*"), "no style or font from elsewhere");
    assertFalse(page.matches("(?s).*href=\"(?!#).*"), "links stay on the page");
  }

  @Test
  void aFiguresDataStandInATable() {
    Figure figure = REPORT.figures().get(1);
    assertEquals(
        List.of(List.of("math", "0", "3", "", ""), List.of("math", "1", "60", "", "")),
        figure.table().rows());
  }
}
