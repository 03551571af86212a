package ai.dmt.serve;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends answers whose client has gone or does not read, or that take too long. */
final class ClientWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 250;
  private static final Duration LONGEST_WRITE = Duration.ofSeconds(30);

  private final PeerSockets sockets = new PeerSockets();
  private final Set<Watched> all = ConcurrentHashMap.newKeySet();
  private final Thread thread = new Thread(this::run, "dmt-clients");

  /** Begins to look. */
  ClientWatch() {
    thread.setDaemon(true);
    thread.start();
  }

  /** An answer that is watched until {@link #close}. */
  final class Watched {
    private final Answering answering;
    private final String connection;
    private final long deadlineNanos;
    private boolean missed; // the watch's own

    private Watched(Answering answering, String connection, long deadlineNanos) {
      this.answering = answering;
      this.connection = connection;
      this.deadlineNanos = deadlineNanos;
    }

    private void look(Optional<Set<String>> established) {
      if (deadlineNanos - System.nanoTime() < 0) {
        answering.end(Answering.End.TIME_LIMIT);
      }
      if (answering.writingNanos() > LONGEST_WRITE.toNanos()) {
        answering.end(Answering.End.CLIENT_SLOW);
      }
      boolean here = established.isEmpty() || established.get().contains(connection);
      if (!here && missed) { // a table that changes while it is read may lack one
        answering.end(Answering.End.CLIENT_GONE);
      }
      missed = !here;
    }

    void close() {
      all.remove(this);
    }
  }

  /** Watches an answer. @param began by the clock of System.nanoTime */
  Watched watch(
      Answering answering,
      InetSocketAddress local,
      InetSocketAddress remote,
      long began,
      Duration timeLimit) {
    Watched watched =
        new Watched(answering, PeerSockets.name(local, remote), began + timeLimit.toNanos());
    all.add(watched);
    return watched;
  }

  /** Answers that are watched. */
  int size() {
    return all.size();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        if (!all.isEmpty()) {
          Optional<Set<String>> established = sockets.established();
          all.forEach(watched -> watched.look(established));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
