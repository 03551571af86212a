package ai.dmt.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Headless Chromium with one page, over the DevTools protocol. */
public final class Browser implements AutoCloseable, WebSocket.Listener {
  /** Why tests are skipped where it is missing. */
  public static final String MISSING =
      "no chromium on the PATH; on Debian: apt-get install chromium";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long WAIT_SECONDS = 120;

  private final Path profile;
  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private final StringBuilder message = new StringBuilder();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  /**
   * Starts it.
   *
   * @param profile empty folder
   */
  public Browser(Path profile) throws Exception {
    this.profile = profile;
    List<String> command = new ArrayList<>(List.of("chromium", "--headless", "--no-sandbox"));
    command.addAll(List.of("--disable-gpu", "--disable-quic", "--no-first-run"));
    command.addAll(List.of("--disable-background-networking", "--disable-component-update"));
    command.addAll(List.of("--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0"));
    command.add("--user-data-dir=" + profile);
    command.add("about:blank");
    this.process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    HttpClient client = HttpClient.newHttpClient();
    URI list = URI.create("http://127.0.0.1:%s/json/list".formatted(port(profile)));
    JsonNode pages =
        JSON.readTree(
            client
                .send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                .body());
    String page = "";
    for (JsonNode each : pages) {
      if (each.path("type").asText().equals("page")) {
        page = each.path("webSocketDebuggerUrl").asText();
      }
    }
    this.socket = client.newWebSocketBuilder().buildAsync(URI.create(page), this).join();
    for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Whether it is installed. */
  public static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "chromium")));
  }

  private int port(Path profile) throws Exception {
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      if (Files.exists(file) && Files.readAllLines(file).size() == 2) {
        return Integer.parseInt(Files.readAllLines(file).get(0));
      }
      Thread.sleep(50);
    }
    throw new IOException("chromium did not start");
  }

  /** Opens a page and waits until it is loaded. */
  public void open(URI address) {
    loaded = new CompletableFuture<>();
    call("Page.navigate", Map.of("url", address.toString()));
    await(loaded);
  }

  /** Sets the size of the window, in CSS pixels, and whether the reader likes it dark. */
  public void look(int width, int height, String scheme) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Value of an expression on the page. */
  public JsonNode evaluate(String expression) {
    JsonNode answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
    }
    return answer.at("/result/value");
  }

  /** Presses a key, such as "Tab" or "Enter". */
  public void press(String key) {
    int code = key.equals("Tab") ? 9 : 13;
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of(
              "type",
              type,
              "key",
              key,
              "code",
              key,
              "windowsVirtualKeyCode",
              code,
              "text",
              type.equals("keyDown") && code == 13 ? "\r" : ""));
    }
  }

  /** The whole page as a PNG. */
  public byte[] screenshot() {
    JsonNode image = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
    return Base64.getDecoder().decode(image.path("data").asText());
  }

  /** Addresses of all that was asked for. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** What the console says: errors, warnings, exceptions. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode call = JSON.createObjectNode().put("id", id).put("method", method);
    call.set("params", JSON.valueToTree(parameters));
    socket.sendText(call.toString(), true).join();
    return await(answer);
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      try {
        take(JSON.readTree(message.toString()));
      } catch (IOException e) {
        complaints.add("not JSON: " + e.getMessage());
      }
      message.setLength(0);
    }
    from.request(1);
    return null;
  }

  private void take(JsonNode event) {
    if (event.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(event.path("id").asInt());
      if (event.has("error")) {
        answer.completeExceptionally(new IOException(event.path("error").toString()));
      } else {
        answer.complete(event.path("result"));
      }
      return;
    }
    switch (event.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Network.requestWillBeSent" -> requests.add(event.at("/params/request/url").asText());
      case "Runtime.exceptionThrown", "Log.entryAdded" ->
          complaints.add(event.path("params").toString());
      case "Runtime.consoleAPICalled" -> complaints.add(event.path("params").toString());
      default -> {
        // Other events are not asked about.
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
    List<ProcessHandle> helpers = process.descendants().toList(); // they write to the profile, too
    process.destroy();
    try {
      process.onExit().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.destroyForcibly().onExit().join();
    }
    for (ProcessHandle helper : helpers) {
      helper.destroyForcibly();
      helper.onExit().join();
    }
    for (String link : List.of("SingletonSocket", "SingletonCookie", "SingletonLock")) {
      profile.resolve(link).toFile().delete(); // they lead out of the folder
    }
  }
}
