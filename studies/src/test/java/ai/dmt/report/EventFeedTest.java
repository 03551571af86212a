package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class EventFeedTest {
  private static List<String> data(String events) {
    return events
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(l -> l.substring(6))
        .toList();
  }

  private static String lastId(String events) {
    List<String> ids = events.lines().filter(line -> line.startsWith("id: ")).toList();
    return ids.get(ids.size() - 1).substring(4);
  }

  @Test
  void aReaderHasTheNewestPartsAndAllLinesInOrder() throws InterruptedException {
    EventFeed feed = new EventFeed();
    feed.put("a", "part", "a1");
    feed.add("metrics", "1");
    feed.put("b", "part", "b1");
    feed.put("a", "part", "a2");
    feed.add("metrics", "2");
    EventFeed.Reader reader = feed.after("");
    assertEquals(List.of("1", "b1", "a2", "2"), data(reader.next(0)));
    assertEquals("", reader.next(0));
    feed.put("a", "part", "a2");
    assertEquals("", reader.next(0), "nothing has changed");
    feed.add("metrics", "3");
    assertEquals(List.of("3"), data(reader.next(0)));
  }

  @Test
  void whoComesBackGoesOnWithoutGapsOrDoubles() throws InterruptedException {
    EventFeed feed = new EventFeed();
    feed.add("metrics", "1");
    String seen = lastId(feed.after("").next(0));
    feed.add("metrics", "2");
    feed.put("a", "part", "a1");
    assertEquals(List.of("2", "a1"), data(feed.after(seen).next(0)));
    assertEquals("", feed.after(feed.position()).next(0));
  }

  @Test
  void whoHasMissedTooMuchLoadsThePageAnew() throws InterruptedException {
    EventFeed feed = new EventFeed();
    feed.add("metrics", "first");
    String seen = lastId(feed.after("").next(0));
    for (int i = 0; i < EventFeed.MOST_LINES + 1; i++) {
      feed.add("metrics", "" + i);
    }
    String events = feed.after(seen).next(0);
    assertTrue(events.contains("event: reload\n"), events);
    assertEquals(List.of("{}"), data(events));
    assertEquals("", feed.after(lastId(events)).next(0));
    assertEquals(EventFeed.MOST_LINES, data(feed.after("").next(0)).size(), "of who begins");
    for (String foreign : List.of("other-3", "nonsense", "-", feed.position() + "9")) {
      assertTrue(feed.after(foreign).next(0).contains("event: reload\n"), foreign);
    }
  }

  @Test
  void aDemandToLoadAnewReachesThoseWhoSawNothingElse() throws InterruptedException {
    EventFeed feed = new EventFeed();
    EventFeed.Reader open = feed.after(feed.position());
    feed.reload();
    assertTrue(open.next(0).contains("event: reload\n"));
    assertEquals("", feed.after(feed.position()).next(0));
  }

  @Test
  void aReaderWaitsForNews() throws Exception {
    EventFeed feed = new EventFeed();
    Thread teller =
        new Thread(
            () -> {
              try {
                Thread.sleep(50);
              } catch (InterruptedException e) {
                return;
              }
              feed.add("metrics", "late");
            });
    teller.start();
    assertEquals(List.of("late"), data(feed.after("").next(20_000)));
    teller.join();
  }
}
