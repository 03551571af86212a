package ai.dmt.report;

import ai.dmt.internal.http.HttpDoor;
import ai.dmt.internal.http.SlowWrites;
import ai.dmt.internal.text.Printable;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;

/**
 * Shows pages and tells those that are open what is new, by server-sent events. Answers GET and
 * HEAD alone, and only for paths that its {@link Site} knows: no path becomes the name of a file.
 */
public final class PageServer implements AutoCloseable {
  private static final String POLICY = ReportPage.POLICY + "; frame-ancestors 'none'";
  private static final int MOST_STREAMS = 200; // the other threads are for pages
  private static final long HEARTBEAT_MILLIS = 10_000;
  private static final Duration LONGEST_WRITE = Duration.ofSeconds(30);

  /** What there is to see. */
  public interface Site {
    /**
     * Looks for a page.
     *
     * @param path such as "/"
     * @return what lies there; empty for nothing
     * @throws IOException if it cannot be made
     */
    Optional<Resource> at(String path) throws IOException;
  }

  /** Something that lies at a path. */
  public sealed interface Resource {}

  /**
   * A page or a picture.
   *
   * @param type its media type
   * @param bytes all of it
   */
  public record Content(String type, byte[] bytes) implements Resource {
    /**
     * {@return a page}
     *
     * @param html all of it
     */
    public static Content page(String html) {
      return new Content("text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A stream of events.
   *
   * @param feed that is followed
   */
  public record Events(EventFeed feed) implements Resource {}

  private final Site site;
  private final HttpDoor door;
  private final HttpServer server;
  private final ExecutorService clients = HttpDoor.clients();
  private final Semaphore streams = new Semaphore(MOST_STREAMS);
  private final SlowWrites writes;

  /**
   * Starts to serve.
   *
   * @param host name or address to listen at
   * @param port 0 for any that is free
   * @param key that readers must give, as bearer token or as password; needed where others than
   *     this machine can connect
   * @param keyAdvice how a key is given, where one is missing
   * @param site what is served
   * @throws ai.dmt.config.ConfigException if the port is taken, the address is none of this
   *     machine's, or a key is missing
   */
  public PageServer(String host, int port, Optional<String> key, String keyAdvice, Site site) {
    this(new HttpDoor(host, key), port, keyAdvice, site, LONGEST_WRITE);
  }

  /** The same. @param longestWrite after which a reader who takes nothing is left */
  PageServer(HttpDoor door, int port, String keyAdvice, Site site, Duration longestWrite) {
    this.site = site;
    this.door = door;
    this.server = door.listen(port, keyAdvice);
    this.writes = new SlowWrites(longestWrite);
    server.setExecutor(clients);
    server.createContext("/", this::handle);
    server.start();
  }

  /** {@return the address of the first page} */
  public URI address() {
    return door.address(server);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server is closed; so is the connection
    } catch (IOException e) {
      return; // the reader has gone
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    String method = exchange.getRequestMethod();
    if (!door.admitsHost(header(exchange, "Host"))) {
      send(exchange, 403, text("not for other names than 127.0.0.1 and localhost"));
    } else if (door.key().isPresent() && !hasKey(header(exchange, "Authorization"))) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"dmt\"");
      send(exchange, 401, text("expected the key as password, or as bearer token"));
    } else if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      send(exchange, 405, text("only GET and HEAD"));
    } else {
      find(exchange);
    }
  }

  private void find(HttpExchange exchange) throws IOException, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    Optional<Resource> found;
    try {
      found = site.at(path);
    } catch (IOException | RuntimeException e) {
      send(exchange, 503, text("this cannot be shown now: " + Printable.reason(e)));
      return;
    }
    if (found.isEmpty()) {
      send(exchange, path.equals("/favicon.ico") ? 204 : 404, text(""));
    } else if (found.get() instanceof Content content) {
      send(exchange, 200, content);
    } else if (found.get() instanceof Events events) {
      stream(exchange, events.feed());
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** Browsers ask their reader for a name and a password; the name may be any. */
  private boolean hasKey(String authorization) {
    String[] words = authorization.split(" ", 2);
    if (words.length < 2) {
      return false;
    }
    if (!words[0].equalsIgnoreCase("Basic")) {
      return words[0].equals("Bearer") && door.isKey(words[1]);
    }
    try {
      byte[] pair = Base64.getDecoder().decode(words[1].strip());
      String[] parts = new String(pair, StandardCharsets.UTF_8).split(":", 2);
      return parts.length == 2 && door.isKey(parts[1]);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void stream(HttpExchange exchange, EventFeed feed)
      throws IOException, InterruptedException {
    if (!streams.tryAcquire()) {
      exchange.getResponseHeaders().set("Retry-After", "30");
      send(exchange, 503, text("%s pages are open already".formatted(MOST_STREAMS)));
      return;
    }
    try {
      setHeaders(exchange, "text/event-stream; charset=utf-8");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      EventFeed.Reader reader = feed.after(position(exchange));
      exchange.sendResponseHeaders(200, 0);
      String text = "retry: 1000\n\n";
      while (true) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        OutputStream out = exchange.getResponseBody();
        writes.within(
            () -> {
              out.write(bytes);
              out.flush();
            });
        text = reader.next(HEARTBEAT_MILLIS);
        if (text.isEmpty()) {
          text = ": still here\n\n";
        }
      }
    } finally {
      streams.release();
    }
  }

  /** The last event that a reader has: of one who comes back, or as the page had it. */
  private static String position(HttpExchange exchange) {
    String last = header(exchange, "Last-Event-ID");
    String query = exchange.getRequestURI().getQuery();
    return !last.isEmpty() || query == null || !query.startsWith("after=")
        ? last
        : query.substring("after=".length());
  }

  private static Content text(String words) {
    return new Content("text/plain; charset=utf-8", words.getBytes(StandardCharsets.UTF_8));
  }

  private static void setHeaders(HttpExchange exchange, String type) {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
  }

  private void send(HttpExchange exchange, int status, Content content) throws IOException {
    setHeaders(exchange, content.type());
    byte[] bytes = content.bytes();
    boolean headAlone = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0;
    writes.within(
        () -> {
          exchange.sendResponseHeaders(status, headAlone ? -1 : bytes.length);
          if (!headAlone) {
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  @Override
  public void close() {
    server.stop(0);
    clients.shutdownNow();
    writes.close();
  }
}
