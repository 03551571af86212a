package ai.dmt.internal.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Breaks off writes to clients that do not read: a thread that writes for too long is interrupted,
 * which closes its connection, for that is a channel of java.nio.
 */
public final class SlowWrites implements AutoCloseable {
  private static final long LOOK_MILLIS = 250;

  private final long mostNanos;
  private final Map<Thread, Long> writing = new HashMap<>(); // since when; guarded by this
  private final Thread looking = new Thread(this::look, "dmt-slow-writes");

  /**
   * Begins to look.
   *
   * @param most how long a write may take
   */
  public SlowWrites(Duration most) {
    mostNanos = most.toNanos();
    looking.setDaemon(true);
    looking.start();
  }

  /** A write. */
  @FunctionalInterface
  public interface Write {
    /**
     * Writes.
     *
     * @throws java.io.IOException if the client has gone
     */
    void run() throws java.io.IOException;
  }

  /**
   * Writes on this thread.
   *
   * @param write to a channel of java.nio
   * @throws java.io.IOException if the client has gone, or was too slow
   */
  public void within(Write write) throws java.io.IOException {
    synchronized (this) {
      writing.put(Thread.currentThread(), System.nanoTime());
    }
    try {
      write.run();
    } finally {
      synchronized (this) {
        writing.remove(Thread.currentThread());
        Thread.interrupted(); // it was meant for the write
      }
    }
  }

  private void look() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        synchronized (this) {
          long now = System.nanoTime();
          writing.forEach(
              (thread, since) -> {
                if (now - since > mostNanos) {
                  thread.interrupt();
                }
              });
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  @Override
  public void close() {
    looking.interrupt();
  }
}
