package ai.dmt.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page that is served while what it shows goes on. Each part of it, and each figure, is sent to
 * open pages when it has changed; a page of other parts than before is loaded anew. All is made and
 * escaped here: scripts put it in its place.
 */
public final class LiveBoard {
  /** Where its events are, beside the page. */
  public static final String EVENTS = "events";

  private static final String STATUS = "status";
  private static final String NOTICES = "notices";
  private static final String LINKS = "links";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventFeed feed = new EventFeed();
  private @Nullable LivePage shown; // null before the first

  /** Makes a board that shows nothing yet. */
  public LiveBoard() {}

  /**
   * Replaces the page; those that are open are told what has changed.
   *
   * @param page that is shown from now on
   */
  public synchronized void show(LivePage page) {
    if (shown != null && !shape(shown).equals(shape(page))) {
      feed.reload();
    }
    shown = page;
    Map<String, Object> values = values(page);
    part(STATUS, ReportPage.fill("live-status.ftlh", values));
    part(NOTICES, ReportPage.fill("live-notices.ftlh", values));
    part(LINKS, ReportPage.fill("live-links.ftlh", values));
    for (Section section : page.report().sections()) {
      if (figures(section).isEmpty()) {
        values.put("section", section);
        part("part-" + section.id(), ReportPage.fill("live-section.ftlh", values));
      }
      for (Figure figure : figures(section)) {
        values.put("figure", figure);
        String caption = ReportPage.fill("live-caption.ftlh", values);
        Map<String, Object> data =
            Map.of("id", figure.id(), "figure", Drawing.of(figure), "caption", caption);
        feed.put(figure.id(), "figure", json(data));
      }
    }
  }

  /**
   * Tells something that is no part of the page.
   *
   * @param type as scripts listen to it
   * @param line that is told
   */
  public void tell(String type, String line) {
    feed.add(type, line.replaceAll("[\\r\\n]+", " "));
  }

  /** {@return the figures that are shown; none before the first page} */
  public synchronized List<Figure> figures() {
    return shown == null ? List.of() : shown.report().figures();
  }

  /** Has open pages load themselves anew: something else lies at their address from now on. */
  public void leave() {
    feed.reload();
  }

  /** {@return the page as it is now} */
  public synchronized PageServer.Content page() {
    if (shown == null) {
      throw new IllegalStateException("nothing is shown yet");
    }
    String page = ReportPage.fill("live.ftlh", values(shown));
    return PageServer.Content.page(ReportPage.following(page, EVENTS, feed.position()));
  }

  /** {@return what changes} */
  public PageServer.Events events() {
    return new PageServer.Events(feed);
  }

  private void part(String id, String html) {
    feed.put(id, "part", json(Map.of("id", id, "html", html)));
  }

  private static Map<String, Object> values(LivePage page) {
    Map<String, Object> values = new java.util.HashMap<>();
    values.put("page", new ReportPage(page.report(), ReportPage.Files.LIVE));
    values.put("live", page);
    return values;
  }

  private static List<Figure> figures(Section section) {
    List<Figure> figures = new ArrayList<>();
    for (Section.Block block : section.blocks()) {
      if (block instanceof Section.Figures own) {
        figures.addAll(own.figures());
      }
    }
    return figures;
  }

  /** What a script cannot change: which parts there are, and which series a figure has. */
  private static List<String> shape(LivePage page) {
    List<String> shape = new ArrayList<>(List.of(page.report().title(), page.report().subtitle()));
    for (Section section : page.report().sections()) {
      shape.add(section.id());
      for (Figure figure : figures(section)) {
        shape.add(figure.id());
        figure.series().forEach(series -> shape.add(series.name()));
      }
    }
    return shape;
  }

  private static String json(Map<String, Object> data) {
    try {
      return JSON.writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a part is no JSON", e);
    }
  }
}
