package ai.dmt.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SmallDisk;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run's folder and its events, over HTTP, while lines are written. */
@Timeout(120)
class WatchServerTest {
  private static final Pattern STEP = Pattern.compile("\"type\":\"step\".*?\"step\":(\\d+)");

  @TempDir private Path root;
  private Path run;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void name() {
    run = root.resolve("run");
  }

  private WatchServer watch() {
    return new WatchServer(run, WatchSettings.local(0), notice -> {}, 100);
  }

  private HttpResponse<String> get(WatchServer server, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String pageWith(WatchServer server, String text) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    String page = get(server, "/").body();
    while (!page.contains(text)) {
      assertTrue(System.nanoTime() < end, () -> "expected " + text);
      Thread.sleep(100);
      page = get(server, "/").body();
    }
    return page;
  }

  /** A stream of events that a reader has open. */
  private final class Stream implements AutoCloseable {
    private final InputStream in;
    private final BufferedReader reader;
    private String lastId = "";

    Stream(WatchServer server, String path, String lastId) throws Exception {
      HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path));
      if (!lastId.isEmpty()) {
        request.header("Last-Event-ID", lastId);
      }
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      assertEquals(
          "text/event-stream; charset=utf-8",
          response.headers().firstValue("Content-Type").orElse(""));
      in = response.body();
      reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Steps of the events up to one. */
    List<Long> stepsUntil(long last) throws IOException {
      List<Long> steps = new ArrayList<>();
      while (steps.isEmpty() || steps.get(steps.size() - 1) < last) {
        String event = next(line -> line.equals("event: metrics"));
        Matcher step = STEP.matcher(event);
        assertTrue(step.find(), event);
        steps.add(Long.parseLong(step.group(1)));
      }
      return steps;
    }

    /** Data of the next event of a kind. */
    String next(Predicate<String> isKind) throws IOException {
      boolean found = false;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("id: ")) {
          lastId = line.substring(4);
        }
        found |= isKind.test(line);
        if (found && line.startsWith("data: ")) {
          return line.substring(6);
        }
      }
      throw new IOException("the stream has ended");
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void aRunIsFollowedFromBeforeItBeginsToItsEnd() throws Exception {
    MadeUpRun made = new MadeUpRun(100);
    try (WatchServer server = watch()) {
      assertEquals("127.0.0.1", server.address().getHost());
      assertTrue(pageWith(server, "not yet begun").contains("No alerts."));
      MadeUpRun.append(run, MadeUpRun.evaluation(0, 100, 2.5) + "\n");
      Files.writeString(run.resolve(".dmt.lock"), "");
      made.appendSteps(run, 1, 40);
      String page = pageWith(server, ">40 of 100<");
      for (String text :
          List.of(
              ">running<",
              ">all<",
              "id=\"loss\"",
              "id=\"sources\"",
              "id=\"held-out\"",
              "id=\"rate\"",
              "id=\"norm\"",
              "id=\"speed\"",
              "time left")) {
        assertTrue(page.contains(text), text);
      }
      made.appendSteps(run, 41, 100);
      Files.delete(run.resolve(".dmt.lock"));
      pageWith(server, ">stopped<");
      Files.writeString(run.resolve("failed.json"), "{\"reason\":\"step 100: <b>bad</b>\"}");
      pageWith(server, "step 100: &lt;b&gt;bad&lt;/b&gt;");
      Files.delete(run.resolve("failed.json"));
      Files.writeString(run.resolve("finished.json"), "{}");
      pageWith(server, ">finished<");
    }
  }

  @Test
  void eventsComeInOrderAndWhoComesBackMissesNothing() throws Exception {
    MadeUpRun made = new MadeUpRun(1000);
    made.appendSteps(run, 1, 10);
    try (WatchServer server = watch()) {
      String page = pageWith(server, ">10 of 1,000<");
      Matcher after = Pattern.compile("data-events=\"(events\\?after=[^\"]+)\"").matcher(page);
      assertTrue(after.find());
      String lastId;
      try (Stream stream = new Stream(server, after.group(1), "")) {
        made.appendSteps(run, 11, 30);
        MadeUpRun.append(run, made.step(31).toString().substring(0, 50));
        assertEquals(range(11, 30), stream.stepsUntil(30), "nothing that the page has already");
        lastId = stream.lastId;
      }
      made.appendSteps(run, 32, 60); // joins the line that was begun: no line of metrics
      pageWith(server, ">60 of 1,000<");
      try (Stream stream = new Stream(server, "/events", lastId)) {
        assertEquals(range(33, 60), stream.stepsUntil(60));
        String part = stream.next(line -> line.equals("event: part"));
        assertTrue(part.contains("60 of 1,000"), part);
      }
      try (Stream stream = new Stream(server, "/events", "of-another-server-7")) {
        assertEquals("{}", stream.next(line -> line.equals("event: reload")));
      }
    }
  }

  @Test
  void aRunThatGoesOnFromACheckpointIsReadAnew() throws Exception {
    MadeUpRun made = new MadeUpRun(100);
    made.appendSteps(run, 1, 50);
    try (WatchServer server = watch()) {
      pageWith(server, ">50 of 100<");
      Path kept = root.resolve("kept");
      List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
      Files.write(kept, lines.subList(0, 20));
      Files.move(
          kept, run.resolve("metrics.jsonl"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      pageWith(server, ">20 of 100<");
      made.appendSteps(run, 21, 22);
      pageWith(server, ">22 of 100<");
    }
  }

  @Test
  void anAlertIsOnThePageAndInTheEvents() throws Exception {
    MadeUpRun made = new MadeUpRun(1000);
    made.appendSteps(run, 1, 100);
    try (WatchServer server = watch()) {
      pageWith(server, "No alerts.");
      try (Stream stream = new Stream(server, "/events", "")) {
        MadeUpRun.append(run, made.step(101).put("loss", 30) + "\n");
        String part = stream.next(line -> line.contains("The loss spikes"));
        assertTrue(
            part.contains("\"id\":\"notices\"") && part.contains("Step 101: loss 30.00"), part);
      }
    }
  }

  @Test
  void namesAreTextAndNoMarkup() throws Exception {
    String evil = "</script><img src=x onerror=alert(1)>";
    MadeUpRun made = new MadeUpRun(9);
    MadeUpRun.append(run, made.step(1).put("stage", evil) + "\n");
    Files.writeString(
        run.resolve("ledger.json"),
        "{\"entries\":[{\"stage\":\"%s\",\"source\":\"%s\"}]}".formatted(evil, evil));
    try (WatchServer server = watch()) {
      String page = pageWith(server, "onerror");
      assertFalse(page.contains("<img"), "markup");
      assertTrue(page.contains("&lt;img src=x"));
    }
  }

  @Test
  void nothingElseIsServedAndNobodyElseIsAnswered() throws Exception {
    new MadeUpRun(9).appendSteps(run, 1, 3);
    Files.writeString(root.resolve("secret"), "secret");
    try (WatchServer server = watch()) {
      for (String path :
          List.of(
              "/metrics.jsonl",
              "/../secret",
              "/..%2fsecret",
              "/%2e%2e/secret",
              "/run/../../secret/",
              "//etc/passwd",
              "/events/",
              "/index.html")) {
        String head = raw(server, "GET " + path + " HTTP/1.1", "127.0.0.1");
        boolean refused = head.startsWith("HTTP/1.1 404") || head.startsWith("HTTP/1.1 400");
        assertTrue(refused, path + ": " + head); // newer JDKs call //etc/passwd a bad request
      }
      assertTrue(raw(server, "GET / HTTP/1.1", "localhost").startsWith("HTTP/1.1 200"));
      assertTrue(raw(server, "GET / HTTP/1.1", "evil.example").startsWith("HTTP/1.1 403"));
      assertTrue(raw(server, "GET /events HTTP/1.1", "evil.example").startsWith("HTTP/1.1 403"));
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
        assertTrue(raw(server, method + " / HTTP/1.1", "127.0.0.1").startsWith("HTTP/1.1 405"));
      }
      String head = raw(server, "HEAD / HTTP/1.1", "127.0.0.1");
      assertTrue(head.startsWith("HTTP/1.1 200") && !head.contains("<html"), head);
      assertTrue(raw(server, "HEAD /events HTTP/1.1", "127.0.0.1").startsWith("HTTP/1.1 200"));
      String policy = get(server, "/").headers().firstValue("Content-Security-Policy").orElse("");
      assertTrue(
          policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
      int port = server.address().getPort();
      for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
        for (InetAddress address : network.inetAddresses().toList()) {
          if (!address.isLoopbackAddress()) {
            assertThrows(IOException.class, () -> new Socket(address, port).close());
          }
        }
      }
      assertFalse(
          get(server, "/").body().matches("(?s).*(src|href)=\"https?:.*"), "self-contained");
    }
  }

  private static String raw(WatchServer server, String request, String host) throws IOException {
    int port = server.address().getPort();
    try (Socket socket = new Socket("127.0.0.1", port)) {
      String lines = "%s\r\nHost: %s:%d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      socket
          .getOutputStream()
          .write(lines.formatted(request, host, port).getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(2000), StandardCharsets.UTF_8);
    }
  }

  @Test
  void othersThanThisMachineNeedAKey() throws Exception {
    new MadeUpRun(9).appendSteps(run, 1, 3);
    ConfigException open =
        assertThrows(
            ConfigException.class,
            () ->
                WatchServer.start(run, new WatchSettings("0.0.0.0", 0, Optional.empty()), n -> {}));
    assertTrue(open.getMessage().contains("needs a key: --api-key-env NAME"), open.getMessage());
    WatchSettings settings = new WatchSettings("127.0.0.1", 0, Optional.of("s3cret"));
    assertFalse(settings.toString().contains("s3cret"));
    try (WatchServer server = WatchServer.start(run, settings, n -> {})) {
      HttpResponse<String> without = get(server, "/");
      assertEquals(401, without.statusCode());
      assertTrue(without.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Basic "));
      assertEquals(401, get(server, "/events", "Authorization", "Bearer other").statusCode());
      assertEquals(200, get(server, "/", "Authorization", "Bearer s3cret").statusCode());
      String basic =
          Base64.getEncoder().encodeToString("me:s3cret".getBytes(StandardCharsets.UTF_8));
      assertEquals(200, get(server, "/", "Authorization", "Basic " + basic).statusCode());
      assertEquals(401, get(server, "/", "Authorization", "Basic ???").statusCode());
    }
  }

  private static String refusal(Path folder) {
    return assertThrows(
            ConfigException.class,
            () -> WatchServer.start(folder, WatchSettings.local(0), n -> {}).close())
        .getMessage();
  }

  @Test
  void aFolderOfSomethingElseIsRefusedWithWhatItLacks() throws Exception {
    Path other = Files.createDirectories(root.resolve("other"));
    Files.writeString(other.resolve("notes.txt"), "x");
    assertEquals(
        other
            + " is neither a run nor a study: it has no metrics.jsonl, recipe.yaml, ledger.json of"
            + " a run, and no study.yaml of a study",
        refusal(other));
    assertTrue(
        refusal(other.resolve("notes.txt")).endsWith("expected the folder of a run or a study"));
    assertTrue(
        refusal(root.resolve("no/run")).contains("neither is the folder that it would be in"));
    try (WatchServer server = watch()) {
      int port = server.address().getPort();
      ConfigException taken =
          assertThrows(
              ConfigException.class,
              () -> WatchServer.start(run, WatchSettings.local(port), n -> {}).close());
      assertTrue(taken.getMessage().startsWith("port " + port + " of 127.0.0.1 cannot be had"));
      assertTrue(taken.getMessage().endsWith("port 0 takes any that is free"));
    }
  }

  @Test
  void aFolderThatVanishesIsSaidAndGoesOnWhenItIsBack() throws Exception {
    MadeUpRun made = new MadeUpRun(100);
    made.appendSteps(run, 1, 50);
    try (WatchServer server = watch()) {
      pageWith(server, ">50 of 100<");
      Path away = root.resolve("away");
      Files.move(run, away);
      String page = pageWith(server, ">folder not readable<");
      assertTrue(page.contains(">50 of 100<"), "what was there before stays");
      Files.move(away, run);
      made.appendSteps(run, 51, 60);
      assertFalse(pageWith(server, ">60 of 100<").contains(">folder not readable<"));
      Disk.delete(run);
      pageWith(server, ">folder not readable<");
      new MadeUpRun(70).appendSteps(run, 1, 5);
      pageWith(server, ">5 of 70<");
    }
  }

  /** What watches writes nothing, so a full disk is the run's trouble alone. */
  @Test
  void aFullDiskIsWatchedLikeAnyOther() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(root.resolve("disk"), "256k")) {
      run = disk.folder().resolve("run");
      MadeUpRun made = new MadeUpRun(70);
      made.appendSteps(run, 1, 5);
      try (WatchServer server = watch();
          Stream stream = new Stream(server, "/events", "")) {
        assertEquals(range(1, 5), stream.stepsUntil(5));
        Path filler = disk.folder().resolve("filler");
        assertThrows(IOException.class, () -> Files.write(filler, new byte[1 << 20]));
        pageWith(server, ">5 of 70<");
        Files.delete(filler);
        made.appendSteps(run, 6, 9);
        assertEquals(range(6, 9), stream.stepsUntil(9));
      }
    }
  }

  @Test
  void aHundredThousandStepsAreASmallPageSoon() throws Exception {
    MadeUpRun made = new MadeUpRun(100_000);
    MadeUpRun.append(
        run,
        String.join(
                "\n",
                made.lines(
                    line -> line.path("step").asLong() == 54_321 ? line.put("loss", 77.5) : line))
            + "\n");
    long begun = System.nanoTime();
    try (WatchServer server = watch()) {
      String page = get(server, "/").body();
      double seconds = (System.nanoTime() - begun) * 1e-9;
      assertTrue(page.contains(">100,000 of 100,000<"));
      assertTrue(page.length() < 1 << 20, "page has " + page.length());
      assertTrue(page.contains("77.5"), "the spike is drawn");
      assertTrue(
          seconds < 15, "it took " + seconds); // one or two alone; machines of tests are busy
    }
  }

  @Test
  void manyReadersAndThoseWhoNeverReadHinderNobody() throws Exception {
    MadeUpRun made = new MadeUpRun(10_000);
    made.appendSteps(run, 1, 50);
    List<Stream> streams = new ArrayList<>();
    List<Socket> deaf = new ArrayList<>();
    try (WatchServer server = watch()) {
      pageWith(server, ">50 of 10,000<");
      for (int i = 0; i < 50; i++) {
        streams.add(new Stream(server, "/events", ""));
        Socket socket = new Socket("127.0.0.1", server.address().getPort());
        deaf.add(socket);
        String request = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      }
      made.appendSteps(run, 51, 900);
      for (Stream stream : streams) {
        List<Long> steps = stream.stepsUntil(900);
        assertEquals(range(1, 900), steps);
      }
      assertEquals(200, get(server, "/").statusCode());
    } finally {
      for (Stream stream : streams) {
        stream.close();
      }
      for (Socket socket : deaf) {
        socket.close();
      }
    }
  }
}
