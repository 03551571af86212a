package ai.dmt.report;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What readers of a page are told while it is open, as server-sent events in one order. There are
 * parts, of which the newest alone counts, and lines, of which none is left out. A reader has a
 * place in the order and no queue: who reads slowly skips versions of parts, and who has missed
 * lines is told to load the page anew. So the size of a feed depends neither on how many readers
 * there are nor on how slow they are.
 */
public final class EventFeed {
  /** Lines that are kept for those who come back. */
  static final int MOST_LINES = 1000;

  private final String name = UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, Event> parts = new LinkedHashMap<>();
  private final Deque<Event> lines = new ArrayDeque<>();
  private long last = 1; // id of the newest event; 0 is that of a reader who has seen nothing
  private long forgotten; // id of the newest line that is not kept any more
  private long reload; // id of the newest demand to load the page anew

  /**
   * An event.
   *
   * @param id of its place in the order
   * @param type as scripts listen to it
   * @param data one line
   */
  record Event(long id, String type, String data) {}

  /** Makes a feed without events. */
  public EventFeed() {}

  /**
   * Replaces a part, unless it is as it was.
   *
   * @param key of the part
   * @param type as scripts listen to it
   * @param data one line
   */
  synchronized void put(String key, String type, String data) {
    Event old = parts.get(key);
    if (old == null || !old.data().equals(data)) {
      parts.put(key, new Event(++last, type, data));
      notifyAll();
    }
  }

  /**
   * Adds a line.
   *
   * @param type as scripts listen to it
   * @param data one line
   */
  public synchronized void add(String type, String data) {
    lines.add(new Event(++last, type, data));
    if (lines.size() > MOST_LINES) {
      forgotten = lines.remove().id();
    }
    notifyAll();
  }

  /** Has open pages load themselves anew; parts are those of a new page from here on. */
  synchronized void reload() {
    parts.clear();
    reload = ++last;
    notifyAll();
  }

  /** Where a reader is who knows all that there is, as {@link #after} reads it. */
  synchronized String position() {
    return name + "-" + last;
  }

  /** A reader who has seen all up to some position; one who has seen nothing gives "". */
  Reader after(String position) {
    String[] parts = position.split("-", 2);
    boolean ours = parts.length == 2 && parts[0].equals(name) && parts[1].matches("\\d{1,18}");
    return new Reader(ours ? Long.parseLong(parts[1]) : position.isEmpty() ? 0 : -1);
  }

  /** One reader's place; of one thread. */
  final class Reader {
    private long seen; // -1: a place of another feed

    private Reader(long seen) {
      this.seen = seen;
    }

    /**
     * Waits for news.
     *
     * @param millis at most
     * @return events as a stream has them; "" if there were none
     */
    String next(long millis) throws InterruptedException {
      long end = System.nanoTime() + millis * 1_000_000;
      List<Event> news;
      synchronized (EventFeed.this) {
        news = since(seen);
        while (news.isEmpty() && end - System.nanoTime() > 0) {
          EventFeed.this.wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
          news = since(seen);
        }
        seen = last;
      }
      StringBuilder text = new StringBuilder();
      for (Event event : news) {
        text.append("id: %s-%s\n".formatted(name, event.id()));
        text.append("event: %s\ndata: %s\n\n".formatted(event.type(), event.data()));
      }
      return text.toString();
    }
  }

  private List<Event> since(long seen) {
    boolean begins = seen == 0;
    boolean foreign = seen < 0 || seen > last;
    if (foreign || (!begins && (seen < reload || seen < forgotten))) {
      return List.of(new Event(last, "reload", "{}")); // and then nothing is missing
    }
    List<Event> news = new ArrayList<>();
    parts.values().stream().filter(event -> event.id() > seen).forEach(news::add);
    lines.stream().filter(event -> event.id() > seen).forEach(news::add);
    news.sort(Comparator.comparingLong(Event::id));
    return news;
  }

  /** {@return the newest data of a part} */
  synchronized String part(String key) {
    return Objects.requireNonNull(parts.get(key), key).data();
  }
}
