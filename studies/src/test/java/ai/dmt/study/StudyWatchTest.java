package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.browser.Browser;
import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The report of a study that others are working on, over HTTP. */
@Timeout(300)
class StudyWatchTest {
  @TempDir private Path root;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  private StudyWatch watch() {
    return new StudyWatch(new StudyFolder(root.resolve("study")), "mini", 0, log::add);
  }

  private HttpResponse<String> get(StudyWatch watch, String path) throws Exception {
    URI address = URI.create(watch.address() + path);
    return client.send(
        HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "in vain");
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private boolean shows(StudyWatch watch, String text) {
    try {
      return get(watch, "").body().contains(text);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theReportComesAndGrows() throws Exception {
    try (StudyWatch watch = watch()) {
      assertTrue(get(watch, "").body().contains("Nothing is complete yet."));
      StudyFolder study = MadeUpStudy.write(root.resolve("study"));
      until(() -> shows(watch, "144 runs"));
      HttpResponse<String> page = get(watch, "");
      assertTrue(page.body().contains("144 runs"));
      assertTrue(page.headers().firstValue("Content-Security-Policy").isPresent());
      HttpResponse<String> png = get(watch, "figures/forgetting-sequential.png");
      assertEquals("image/png", png.headers().firstValue("Content-Type").orElse(""));
      Files.writeString(study.results(), "{");
      until(() -> !log.isEmpty());
      assertTrue(log.get(0).startsWith("the report cannot be shown: "), log::toString);
      assertTrue(get(watch, "").body().contains("144 runs"), "the last good one stays");
    }
  }

  @Test
  void nothingElseIsServedAndNobodyElseIsAnswered() throws Exception {
    Files.createDirectories(root.resolve("study/figures"));
    Files.writeString(root.resolve("study/study.yaml"), "secret");
    Files.writeString(root.resolve("study/figures/other.png"), "secret");
    try (StudyWatch watch = watch()) {
      for (String path :
          List.of(
              "study.yaml",
              "figures/other.png",
              "figures/../study.yaml",
              "figures/",
              "figures/..%2fstudy.yaml",
              "%2e%2e/study.yaml",
              "results.json")) {
        assertEquals(404, get(watch, path).statusCode(), path);
      }
      assertTrue(raw(watch, "GET /../study.yaml HTTP/1.1", "127.0.0.1").startsWith("HTTP/1.1 404"));
      assertTrue(raw(watch, "GET / HTTP/1.1", "evil.example").startsWith("HTTP/1.1 403"));
      assertTrue(raw(watch, "POST / HTTP/1.1", "127.0.0.1").startsWith("HTTP/1.1 405"));
      int port = watch.address().getPort();
      for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
        for (InetAddress address : network.inetAddresses().toList()) {
          if (!address.isLoopbackAddress()) {
            assertThrows(
                IOException.class, () -> new Socket(address, port).close(), () -> address + "");
          }
        }
      }
      assertThrows(
          ConfigException.class,
          () -> new StudyWatch(new StudyFolder(root), "mini", port, log::add).close());
    }
  }

  private static String raw(StudyWatch watch, String request, String host) throws IOException {
    int port = watch.address().getPort();
    try (Socket socket = new Socket("127.0.0.1", port)) {
      String lines = "%s\r\nHost: %s:%d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      socket
          .getOutputStream()
          .write(lines.formatted(request, host, port).getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Empty while the page is being replaced. */
  private static String titleOf(Browser browser) {
    try {
      return browser.evaluate("document.title").asText();
    } catch (CompletionException e) {
      return "";
    }
  }

  @Test
  void anOpenPageLoadsItselfAnew() throws Exception {
    assumeTrue(Browser.isInstalled(), Browser.MISSING);
    try (StudyWatch watch = watch();
        Browser browser = new Browser(Files.createDirectory(root.resolve("profile")))) {
      browser.open(watch.address());
      assertEquals("Study mini", browser.evaluate("document.title").asText());
      MadeUpStudy.write(root.resolve("study"));
      until(() -> titleOf(browser).endsWith("study made-up"));
      assertFalse(browser.evaluate("document.querySelectorAll('figure svg').length").asInt() == 0);
      assertEquals(List.of(), browser.complaints());
    }
  }
}
