package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.browser.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of advice in headless Chromium: its sliders choose as the advisor does. */
@Tag("slow")
@Timeout(300)
class AdviceInBrowserTest {
  /** Where the screenshots stay, to be looked at. */
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir private Path root;

  @Test
  void slidersShowWhatWouldBeAdvised() throws Exception {
    assumeTrue(Browser.isInstalled(), Browser.MISSING);
    AdviceSettings settings = new AdviceSettings(Budget.parse("20%"), 0, null);
    Advice advice = new Advisor(PlantedMixtures.ofLaw(0.03, 3), settings, 7, line -> {}).advise();
    Path page =
        Files.writeString(
            root.resolve("advice.html"),
            new AdviceReport(advice, null, null).page("How to mix").html());
    Files.createDirectories(SCREENSHOTS);
    try (Browser browser = new Browser(Files.createDirectory(root.resolve("profile")))) {
      for (int width : List.of(400, 1400)) {
        browser.look(width, 900, "light");
        browser.open(page.toUri());
        assertEquals(
            width,
            browser.evaluate("document.documentElement.scrollWidth").asInt(),
            "the page itself does not scroll sideways");
        Files.write(SCREENSHOTS.resolve("advice-%s.png".formatted(width)), browser.screenshot());
      }
      List<String> abilities = List.copyOf(advice.space().sources().keySet());
      String equal = said(browser, List.of(1, 1, 1));
      assertTrue(equal.startsWith(best(advice, Map.of("code", 1.0, "math", 1.0, "general", 1.0))));
      for (int one = 0; one < abilities.size(); one++) {
        List<Integer> alone = List.of(one == 0 ? 10 : 0, one == 1 ? 10 : 0, one == 2 ? 10 : 0);
        String best = best(advice, Map.of(abilities.get(one), 1.0));
        String shown = said(browser, alone);
        assertTrue(shown.startsWith(best + ". "), () -> shown + ", not " + best);
        assertNotEquals(equal, shown);
      }
      assertEquals("Nothing counts.", said(browser, List.of(0, 0, 0)));
      assertEquals(List.of(), browser.complaints());
    }
  }

  private static String best(Advice advice, Map<String, Double> weights) {
    List<MixturePlan> front = advice.forecasts().front(advice.space().candidates());
    return advice.forecasts().ranked(new Objective(weights, Map.of()), front).get(0).text();
  }

  /** What the page says once its sliders stand there. */
  private static String said(Browser browser, List<Integer> weights) {
    return browser
        .evaluate(
            """
            (weights => {
              const element = document.querySelector('.weighing');
              element.querySelectorAll('input').forEach((slider, i) => {
                slider.value = weights[i];
                slider.dispatchEvent(new Event('input'));
              });
              return element.lastElementChild.textContent;
            })(%s)"""
                .formatted(weights))
        .asText();
  }
}
