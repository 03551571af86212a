package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.browser.Browser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a made-up study in headless Chromium, alone in a folder, as a reader gets it. */
@Tag("slow")
@Timeout(600)
class ReportInBrowserTest {
  /** Where the screenshots stay, to be looked at. */
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir private Path root;

  @Test
  void isDrawnWithoutComplaintOrRequestOnEveryScreenAndByKeyboard() throws Exception {
    assumeTrue(Browser.isInstalled(), Browser.MISSING);
    StudyFolder study = MadeUpStudy.write(root.resolve("study"));
    Path page = Files.writeString(root.resolve("alone.html"), StudyReport.of(study).html());
    int figures = StudyReport.of(study).figures().size();
    Files.createDirectories(SCREENSHOTS);
    try (Browser browser = new Browser(Files.createDirectory(root.resolve("profile")))) {
      URI address = page.toUri();
      for (int width : List.of(400, 1400)) {
        for (String scheme : List.of("light", "dark")) {
          browser.look(width, 900, scheme);
          browser.open(address);
          assertEquals(
              width,
              browser.evaluate("document.documentElement.scrollWidth").asInt(),
              "the page itself does not scroll sideways");
          openAllFolds(browser);
          asOnPaper(browser);
          assertDrawn(browser, figures);
          assertTextsStandApart(browser);
          assertEquals(
              width,
              browser.evaluate("document.documentElement.scrollWidth").asInt(),
              "nor does it with all folds open");
          browser.open(address);
          byte[] png = browser.screenshot();
          assertEquals(width, ImageIO.read(new ByteArrayInputStream(png)).getWidth());
          assertTablesSayThatTheyScroll(browser);
          Files.write(SCREENSHOTS.resolve("report-%s-%s.png".formatted(width, scheme)), png);
        }
      }
      browser.open(address);
      assertFiguresReact(browser, figures);
      assertClaimsLeadToTheirRuns(browser);
      browser.open(address);
      asOnPaper(browser);
      assertColoursFollowTheScheme(browser);
      assertKeyboardReaches(browser);
      assertEquals(
          Provenance.title(new ObjectMapper().createObjectNode().put("study", "made-up")),
          browser.evaluate("document.title").asText());
      assertEquals(List.of(), browser.complaints());
      assertTrue(
          browser.requests().stream().allMatch(request -> request.equals(address.toString())),
          browser.requests()::toString);
    }
  }

  private static void assertTablesSayThatTheyScroll(Browser browser) {
    JsonNode wrong =
        browser.evaluate(
            """
            [...document.querySelectorAll('.wide')].filter(table => table.checkVisibility()
                && table.classList.contains('more') !== table.scrollWidth > table.clientWidth + 2)
              .map(table => table.ariaLabel)""");
    assertEquals("[]", wrong.toString());
  }

  private static void openAllFolds(Browser browser) {
    browser.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true), 0");
  }

  /** The drawings in place of the charts, as without scripts. */
  private static void asOnPaper(Browser browser) {
    browser.evaluate("document.documentElement.classList.remove('reacts'), 0");
  }

  /** Every figure becomes a chart, says what is under the pointer, and can be chosen by name. */
  private static void assertFiguresReact(Browser browser, int figures) throws Exception {
    openAllFolds(browser);
    String charts = "document.querySelectorAll('figure .live canvas').length";
    browser.evaluate("document.querySelectorAll('figure').forEach(f => f.scrollIntoView()), 0");
    for (int i = 0; i < figures && browser.evaluate(charts).asInt() < figures; i++) {
      browser.evaluate("document.querySelectorAll('figure')[%s].scrollIntoView()".formatted(i));
      Thread.sleep(100);
    }
    assertEquals(figures, browser.evaluate(charts).asInt());
    for (int i = 0; i < figures; i++) {
      assertSaysWhatIsUnderThePointer(browser, i);
    }
    assertChartsShowWhatTheDrawingsShow(browser);
    JsonNode shown =
        browser.evaluate(
            """
            [...document.querySelectorAll('.chooser select')].map(select => {
              select.value = '1';
              select.dispatchEvent(new Event('change'));
              const group = select.closest('label').nextElementSibling;
              return [...group.querySelectorAll('figure')].filter(f => !f.hidden).length;
            })""");
    assertFalse(shown.isEmpty());
    shown.forEach(count -> assertEquals(1, count.asInt()));
  }

  /** Names, ticks and bands of each chart are those of the drawing that it stands for. */
  private static void assertChartsShowWhatTheDrawingsShow(Browser browser) {
    asOnPaper(browser);
    JsonNode faults =
        browser.evaluate(
            """
            [...document.querySelectorAll('figure')].filter(f => f.querySelector('canvas')).flatMap(figure => {
              const chart = Chart.getChart(figure.querySelector('canvas'));
              const svg = figure.querySelector('svg');
              const titles = Object.values(chart.options.scales).map(scale => scale.title.text);
              const paper = [...svg.querySelectorAll('text')].map(one => one.textContent.trim())
                  .filter(text => text && !titles.includes(text)).sort().join('|');
              const screen = [
                ...Object.values(chart.scales).flatMap(scale => scale.ticks.map(tick => tick.label)),
                ...[...figure.querySelectorAll('.legend button')].map(one => one.textContent)
              ].filter(text => text && !titles.includes(text)).sort().join('|');
              const bands = [...svg.querySelectorAll('path')].filter(one =>
                  one.closest('[fill-opacity]')?.getAttribute('fill-opacity').startsWith('0.18')
                      && one.getAttribute('fill') !== 'none').length;
              return (paper === screen ? [] : [figure.id + ': ' + paper + ' is not ' + screen])
                  .concat(bands === chart.$drawn.bands ? []
                      : [figure.id + ': bands ' + bands + ' and ' + chart.$drawn.bands]);
            })""");
    assertEquals("[]", faults.toString());
    browser.evaluate("document.documentElement.classList.add('reacts'), 0");
  }

  private static void assertSaysWhatIsUnderThePointer(Browser browser, int figure)
      throws Exception {
    String chart =
        "(() => { const canvas = document.querySelectorAll('figure .live canvas')[%s];"
            .formatted(figure);
    browser.evaluate(
        chart
            + """
              canvas.scrollIntoView();
              const point = Chart.getChart(canvas).getDatasetMeta(0).data[0];
              const box = canvas.getBoundingClientRect();
              canvas.dispatchEvent(new MouseEvent('mousemove',
                  {clientX: box.left + point.x, clientY: box.top + point.y, bubbles: true}));
            })()""");
    String text =
        chart
            + " const body = Chart.getChart(canvas).tooltip.body ?? [];"
            + " return body.flatMap(part => part.lines).join(); })()";
    for (int i = 0; i < 50 && browser.evaluate(text).asText().isEmpty(); i++) {
      Thread.sleep(50); // Chart.js looks at the pointer once a frame
    }
    String said = browser.evaluate(text).asText();
    assertTrue(said.matches("(?s).+: .*[0-9].*"), () -> "figure " + figure + ": " + said);
  }

  private static void assertClaimsLeadToTheirRuns(Browser browser) throws Exception {
    browser.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = false), 0");
    browser.evaluate("document.querySelector('a[href=\"#claim-4a\"]').click()");
    String open = "document.getElementById('claim-4a').closest('details').open";
    for (int i = 0; i < 50 && !browser.evaluate(open).asBoolean(); i++) {
      Thread.sleep(100);
    }
    assertTrue(browser.evaluate(open).asBoolean());
    assertTrue(
        browser.evaluate("document.querySelectorAll('#claim-4a tbody tr').length > 1").asBoolean());
  }

  /** No two texts of a figure overlap, and none is cut off. */
  private static void assertTextsStandApart(Browser browser) {
    JsonNode faults =
        browser.evaluate(
            """
            [...document.querySelectorAll('figure')].flatMap(figure => {
              const svg = figure.querySelector('svg');
              const frame = svg.getBoundingClientRect();
              const texts = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim());
              const boxes = texts.map(one => one.getBoundingClientRect());
              return texts.flatMap((one, i) => {
                const a = boxes[i];
                const out = a.left < frame.left - 1 || a.right > frame.right + 1
                    || a.top < frame.top - 1 || a.bottom > frame.bottom + 1;
                const over = texts.filter((other, j) => j > i
                    && Math.min(a.right, boxes[j].right) - Math.max(a.left, boxes[j].left) > 1
                    && Math.min(a.bottom, boxes[j].bottom) - Math.max(a.top, boxes[j].top) > 2);
                return (out ? [figure.id + ': ' + one.textContent + ' is cut off'] : []).concat(
                    over.map(other =>
                        figure.id + ': ' + one.textContent + ' is under ' + other.textContent));
              });
            })""");
    assertEquals("[]", faults.toString());
  }

  private static void assertDrawn(Browser browser, int figures) {
    JsonNode sizes =
        browser.evaluate(
            "[...document.querySelectorAll('.drawing svg')].map(svg => {"
                + " const box = svg.getBoundingClientRect();"
                + " return [box.width, box.height, svg.querySelectorAll('path,ellipse,line').length,"
                + " parseFloat(getComputedStyle(svg.querySelector('text')).fontSize)"
                + "   * box.width / svg.viewBox.baseVal.width]; })");
    assertEquals(figures, sizes.size());
    for (JsonNode size : sizes) {
      assertTrue(size.get(0).asDouble() > 300 && size.get(1).asDouble() > 150, size::toString);
      assertTrue(size.get(2).asInt() > 5, size::toString);
      assertTrue(size.get(3).asDouble() >= 8, () -> "letters of " + size.get(3) + " pixels");
    }
  }

  private static void assertColoursFollowTheScheme(Browser browser) {
    String colour =
        "getComputedStyle(document.querySelector('figure svg text')).fill"
            + " + getComputedStyle(document.body).backgroundColor";
    browser.look(1400, 900, "light");
    String light = browser.evaluate(colour).asText();
    browser.look(1400, 900, "dark");
    assertNotEquals(light, browser.evaluate(colour).asText());
  }

  /** The first stop leads past the contents; a folded table opens by Enter. */
  private static void assertKeyboardReaches(Browser browser) {
    browser.evaluate("document.activeElement.blur(); window.scrollTo(0, 0); true");
    browser.press("Tab");
    assertEquals("To the results", browser.evaluate("document.activeElement.textContent").asText());
    for (int i = 0; i < 60; i++) {
      browser.press("Tab");
      if (browser.evaluate("document.activeElement.tagName").asText().equals("SUMMARY")) {
        browser.press("Enter");
        assertTrue(browser.evaluate("document.activeElement.parentElement.open").asBoolean());
        return;
      }
    }
    throw new AssertionError("no fold was reached");
  }
}
