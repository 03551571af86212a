package ai.dmt.dist;

import ai.dmt.engine.EngineException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How this rank and rank 0 reach each other.
 *
 * @param own address of this host, as seen on the way to rank 0
 * @param master address of rank 0, as seen from here
 */
record Route(InetAddress own, InetAddress master) {
  private static final int CONNECT_MILLISECONDS = 5_000;
  private static final long PAUSE_MILLISECONDS = 100;

  /**
   * Waits until rank 0 listens; it may start later than this rank.
   *
   * @throws EngineException if it has not answered in time
   */
  static Route await(RankEnvironment place, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    IOException last = null;
    while (System.nanoTime() < deadline) {
      try {
        return find(place, timeout);
      } catch (IOException e) {
        last = e;
      }
      pause();
    }
    throw new EngineException(
        "%s: rank 0 has not answered within %s s (%s); check MASTER_ADDR, MASTER_PORT and rank 0's output"
            .formatted(place.text(), timeout.toSeconds(), last == null ? "" : last.getMessage()),
        last);
  }

  /**
   * Tries once.
   *
   * @param timeout of the run; a connection is given up earlier
   * @throws IOException if nothing listens there
   */
  static Route find(RankEnvironment place, Duration timeout) throws IOException {
    int milliseconds = (int) Math.min(CONNECT_MILLISECONDS, timeout.toMillis());
    InetSocketAddress master =
        new InetSocketAddress(place.meetingAddress(), place.masterPort()); // resolved each time
    if (master.isUnresolved()) {
      throw new IOException("there is no host " + place.meetingAddress());
    }
    try (Socket socket = new Socket()) {
      socket.connect(master, milliseconds);
      return new Route(socket.getLocalAddress(), socket.getInetAddress());
    }
  }

  /**
   * The address that other nodes reach this one at, for a rank of rank 0's node: many hosts know
   * their own name as an address of the loopback interface, which nobody else reaches.
   *
   * @param seen address that rank 0 has for another node; null if there is none
   */
  InetAddress ownSeenAs(@Nullable InetAddress seen) {
    try {
      if (own.isLoopbackAddress()
          && seen != null
          && !seen.isLoopbackAddress()
          && NetworkInterface.getByInetAddress(seen) != null) {
        return seen;
      }
      return own;
    } catch (IOException e) {
      return own;
    }
  }

  /** An address that another rank has written. */
  static InetAddress literal(String text) {
    try {
      return InetAddress.getByName(text); // no name service is asked for a number
    } catch (IOException e) {
      throw new EngineException(text + " is no address: " + e.getMessage(), e);
    }
  }

  /** Between two looks for rank 0. */
  static void pause() {
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while waiting for rank 0", e);
    }
  }
}
