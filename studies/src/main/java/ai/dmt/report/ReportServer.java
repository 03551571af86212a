package ai.dmt.report;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Serves a report that grows, on the loopback interface alone: the page, and its figures as PNGs.
 * The page loads itself anew when there is a newer one. Nothing is read from the disk, so no path
 * leads anywhere else.
 */
public final class ReportServer implements AutoCloseable {
  private static final String FIGURES = "/" + Report.FIGURES + "/";
  private static final String EVENTS = "events";

  private final EventFeed feed = new EventFeed();
  private final PageServer server;
  private volatile Shown shown;

  /** What is served; replaced as a whole. */
  private record Shown(Report report, String page) {}

  /**
   * Starts to serve.
   *
   * @param port 0 for any that is free
   * @param title of the page until there is a report
   * @throws ai.dmt.config.ConfigException if the port is taken
   */
  public ReportServer(int port, String title) {
    Report begun = new Report(title, "Nothing is complete yet.", List.of());
    this.shown = new Shown(begun, begun.html());
    this.server = new PageServer("127.0.0.1", port, Optional.empty(), "", this::at);
  }

  /** {@return the address of the page on the loopback interface} */
  public URI address() {
    return server.address();
  }

  /**
   * Replaces the report; pages that are open load it.
   *
   * @param report that is served from now on
   */
  public void show(Report report) {
    shown = new Shown(report, report.html());
    feed.reload();
  }

  private Optional<PageServer.Resource> at(String path) {
    if (path.equals("/")) {
      String position = feed.position(); // before the page: a newer one than it is no harm
      return Optional.of(
          PageServer.Content.page(ReportPage.following(shown.page(), EVENTS, position)));
    }
    if (path.equals("/" + EVENTS)) {
      return Optional.of(new PageServer.Events(feed));
    }
    return shown.report().figures().stream()
        .filter(figure -> path.equals(FIGURES + figure.id() + ".png"))
        .findFirst()
        .map(figure -> new PageServer.Content("image/png", FigurePainter.png(figure)));
  }

  @Override
  public void close() {
    server.close();
  }
}
