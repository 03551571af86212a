package ai.dmt.dist;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;

/**
 * Counts that every rank adds to once a second, whatever it computes: of ranks that wait for each
 * other, one whose count stands is gone, stands still, or cannot be reached. Times are of one clock
 * each, and never compared.
 */
final class Heartbeats implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** After how long without a beat rank 0 says that it misses a rank. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final Store store;
  private final RankEnvironment place;
  private final Thread thread;
  private volatile boolean closed;
  private volatile Consumer<String> listener = line -> {};

  private Heartbeats(RankEnvironment place, Store store) {
    this.place = place;
    this.store = store;
    this.thread = new Thread(this::run, "heartbeats");
    thread.setDaemon(true);
  }

  /**
   * Begins to beat.
   *
   * @param store a connection of its own: a call waits as long as rank 0's host cannot be reached
   */
  static Heartbeats begin(RankEnvironment place, Store store) {
    Heartbeats heartbeats = new Heartbeats(place, store);
    heartbeats.thread.start();
    return heartbeats;
  }

  /** Who is told, on rank 0, of ranks that it misses and of those that are back. */
  void onSilence(Consumer<String> told) {
    listener = told;
  }

  private void run() {
    Missed missed = new Missed(place.worldSize());
    while (!closed) {
      try {
        store.add(key(place.rank()), 1);
        if (place.rank() == 0 && !store.check(new StringVector(Rendezvous.FIRST_FAILURE))) {
          missed.update(counts(store, place.worldSize()));
        }
        Thread.sleep(INTERVAL.toMillis());
      } catch (InterruptedException e) {
        return; // closed
      } catch (RuntimeException e) {
        return; // rank 0 is gone; whoever waits for it finds that out
      }
    }
  }

  /** {@return how often each rank has beaten} */
  static long[] counts(Store store, int worldSize) {
    long[] counts = new long[worldSize];
    for (int rank = 0; rank < worldSize; rank++) {
      counts[rank] = store.add(key(rank), 0);
    }
    return counts;
  }

  /** {@return the ranks whose counts are the same} */
  static List<Integer> silent(long[] before, long[] after) {
    List<Integer> silent = new ArrayList<>();
    for (int rank = 0; rank < before.length; rank++) {
      if (before[rank] == after[rank]) {
        silent.add(rank);
      }
    }
    return silent;
  }

  /** Ends; a beat that is under way may take as long as its connection lets it. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!thread.isAlive()) {
      store.close();
    }
  }

  private static String key(int rank) {
    return "dmt/beats/" + rank;
  }

  /** Who has not beaten for how long, on rank 0. */
  private final class Missed {
    private final long[] counts;
    private final long[] since;
    private final boolean[] told;
    private long last = System.nanoTime();

    Missed(int worldSize) {
      counts = new long[worldSize];
      since = new long[worldSize];
      told = new boolean[worldSize];
      Arrays.fill(since, last);
    }

    void update(long[] now) {
      long time = System.nanoTime();
      long own = Math.max(0, time - last - 2 * INTERVAL.toNanos()); // this process stood still
      last = time;
      for (int rank = 1; rank < now.length; rank++) {
        since[rank] += own;
        if (now[rank] != counts[rank]) {
          if (told[rank]) {
            say("%s is back after %s s", rank, time - since[rank]);
          }
          told[rank] = false;
          counts[rank] = now[rank];
          since[rank] = time;
        } else if (!told[rank] && time - since[rank] > SILENCE.toNanos()) {
          told[rank] = true;
          say(
              "%s has not been heard of for %s s; the others wait for it",
              rank, time - since[rank]);
        }
      }
    }

    private void say(String text, int rank, long nanos) {
      listener.accept(String.format(Locale.ROOT, text, name(store, rank), nanos / 1_000_000_000L));
    }
  }

  /** Says where this rank is. */
  static void tellHost(Store store, int rank, String host) {
    store.set(hostKey(rank), new ByteVector(host.getBytes(StandardCharsets.UTF_8)));
  }

  /** {@return a rank with its host, such as "rank 3 on node2 (10.0.0.2)"} */
  static String name(Store store, int rank) {
    boolean known = store.check(new StringVector(hostKey(rank)));
    return "rank " + rank + (known ? " on " + text(store, hostKey(rank)) : "");
  }

  private static String text(Store store, String key) {
    return new String(store.get(key).get(), StandardCharsets.UTF_8);
  }

  private static String hostKey(int rank) {
    return "dmt/hosts/" + rank;
  }
}
