package ai.dmt.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.browser.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser has it while a run goes. */
@Timeout(120)
class WatchInBrowserTest {
  @TempDir private Path root;

  private static void until(Browser browser, String condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!isTrue(browser, condition)) {
      assertTrue(System.nanoTime() < end, condition);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** False while the page is being replaced. */
  private static boolean isTrue(Browser browser, String condition) {
    try {
      return browser.evaluate(condition).asBoolean();
    } catch (CompletionException e) {
      return false;
    }
  }

  private static String says(String id, String text) {
    return "document.getElementById('%s')?.textContent.includes('%s') ?? false".formatted(id, text);
  }

  @Test
  @SuppressWarnings("try") // it is closed while the page looks
  void anOpenPageFollowsTheRun() throws Exception {
    assumeTrue(Browser.isInstalled(), Browser.MISSING);
    Path run = root.resolve("run");
    MadeUpRun made = new MadeUpRun(1000);
    made.appendSteps(run, 1, 60);
    try (WatchServer server = new WatchServer(run, WatchSettings.local(0), n -> {}, 100);
        Browser browser = new Browser(Files.createDirectory(root.resolve("profile")))) {
      browser.look(400, 900, "dark");
      browser.open(server.address());
      until(browser, says("status", "60 of 1,000"));
      browser.evaluate("window.same = true");
      made.appendSteps(run, 61, 100);
      MadeUpRun.append(run, made.step(101).put("loss", 30) + "\n");
      until(browser, says("status", "101 of 1,000"));
      until(browser, says("notices", "The loss spikes"));
      until(browser, "document.getElementById('loss').dataset.figure.includes('step: 101')");
      assertTrue(browser.evaluate("window.same === true").asBoolean(), "it was not loaded anew");
      assertTrue(
          browser.evaluate("document.documentElement.scrollWidth <= innerWidth").asBoolean(),
          "nothing is wider than a phone");
      MadeUpRun.append(run, MadeUpRun.evaluation(101, 1000, 2.5) + "\n");
      until(browser, "document.getElementById('held-out') !== null"); // loaded anew
      assertEquals(List.of(), browser.complaints());
      server.close();
      until(browser, "document.documentElement.classList.contains('is-lost')");
    }
  }
}
