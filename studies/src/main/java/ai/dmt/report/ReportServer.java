package ai.dmt.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves a report that grows, on the loopback interface alone: the page, and its figures as PNGs.
 * The page loads itself anew when there is a newer one. Nothing is read from the disk, so no path
 * leads anywhere else.
 */
public final class ReportServer implements AutoCloseable {
  private static final String FIGURES = "/" + Report.FIGURES + "/";
  private static final String POLICY = ReportPage.POLICY + "; frame-ancestors 'none'";
  private static final String ROOT = "<html lang=\"en\"";

  private static final int WORKERS = 16;

  static {
    // Read once, when the first server of this process is made. A connection whose request does not
    // end, or which
    // takes no answer, is closed after so many seconds; by default it would hold its worker for
    // good.
    limit("sun.net.httpserver.maxReqTime", "3");
    limit("sun.net.httpserver.maxRspTime", "30");
  }

  private final HttpServer server;
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private volatile Shown shown;

  /** What is served; replaced as a whole. */
  private record Shown(long version, Report report, String page) {}

  /**
   * Starts to serve.
   *
   * @param port 0 for any that is free
   * @param title of the page until there is a report
   * @throws IOException if the port is taken
   */
  public ReportServer(int port, String title) throws IOException {
    Report begun = new Report(title, "Nothing is complete yet.", List.of());
    this.shown = new Shown(0, begun, begun.html());
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(workers);
    server.createContext("/", this::answer);
    server.start();
  }

  private static void limit(String property, String seconds) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, seconds);
    }
  }

  /** {@return the address of the page on the loopback interface} */
  public URI address() {
    return URI.create("http://127.0.0.1:%s/".formatted(server.getAddress().getPort()));
  }

  /**
   * Replaces the report; pages that are open load it.
   *
   * @param report that is served from now on
   */
  public void show(Report report) {
    shown = new Shown(shown.version() + 1, report, report.html());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Shown now = shown;
      String path = exchange.getRequestURI().getPath();
      if (!asksForThis(exchange)) {
        send(exchange, 403, "text/plain", "not for other names than 127.0.0.1 and localhost");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "only GET");
      } else if (path.equals("/")) {
        sendPage(exchange, now);
      } else if (path.equals("/version")) {
        send(exchange, 200, "text/plain", Long.toString(now.version()));
      } else {
        Optional<Figure> figure = figure(now.report(), path);
        if (figure.isPresent()) {
          send(exchange, 200, "image/png", FigurePainter.png(figure.get()));
        } else {
          send(exchange, path.equals("/favicon.ico") ? 204 : 404, "text/plain", new byte[0]);
        }
      }
    }
  }

  /** A page of another site that has its name point here must not read the report. */
  private boolean asksForThis(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    int port = server.getAddress().getPort();
    return Set.of("127.0.0.1:" + port, "localhost:" + port).contains(host == null ? "" : host);
  }

  private static Optional<Figure> figure(Report report, String path) {
    return report.figures().stream()
        .filter(figure -> path.equals(FIGURES + figure.id() + ".png"))
        .findFirst();
  }

  private static void sendPage(HttpExchange exchange, Shown now) throws IOException {
    exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
    // The page's script asks for newer versions where the page has one.
    String page =
        now.page().replaceFirst(ROOT, ROOT + " data-version=\"%s\"".formatted(now.version()));
    send(exchange, 200, "text/html; charset=utf-8", page);
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    send(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] content)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
    if (content.length > 0) {
      exchange.getResponseBody().write(content);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
