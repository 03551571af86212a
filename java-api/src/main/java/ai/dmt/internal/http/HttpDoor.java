package ai.dmt.internal.http;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.Printable;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where a server listens, and whom it lets in: without a key, clients that name this machine alone,
 * so that no page of another site whose name points here gets an answer; with one, those that have
 * it.
 *
 * @param host name or address that the server listens at
 * @param key that clients must have; needed where others than this machine can connect
 */
public record HttpDoor(String host, Optional<String> key) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Threads, one for each client that is being answered; more clients wait to be let in. */
  private static final int MOST_CLIENTS = 512;

  private static final int BACKLOG = 1024;
  private static final int MOST_PORT = 65535;

  static {
    // Read once, when the first server of this process is made. A client has so many seconds to
    // send its request, by default any time, and would hold its thread; small packets are sent at
    // once, by default a token would wait until the client has confirmed the one before.
    setDefault("sun.net.httpserver.maxReqTime", "30");
    setDefault("sun.net.httpserver.nodelay", "true");
  }

  /**
   * Checks what a server is told of its door.
   *
   * @param faults takes what is wrong
   * @param host name or address
   * @param port that it is to listen at; 0 for any
   * @param key that clients must have
   */
  public static void check(Faults faults, String host, int port, Optional<String> key) {
    faults
        .require(!host.isBlank(), "host is empty")
        .require(port >= 0 && port <= MOST_PORT, "port must be in [0, 65535], got " + port)
        .require(
            key.isEmpty() || key.get().matches("[\\x21-\\x7E]+"),
            "the key is empty or holds a character that no header can have, such as a blank or a"
                + " line feed");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Listens.
   *
   * @param port 0 for any that is free
   * @param keyAdvice how a key is given, where one is missing
   * @return a server that has not started
   * @throws ConfigException if the port is taken, the address is none of this machine's, or others
   *     than this machine could connect without a key
   */
  public HttpServer listen(int port, String keyAdvice) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new ConfigException("there is no host \"%s\"".formatted(host));
    }
    if (!address.getAddress().isLoopbackAddress() && key.isEmpty()) {
      throw new ConfigException(
          "others than this machine can reach %s, so the server needs a key: %s"
              .formatted(host, keyAdvice));
    }
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new ConfigException(
          "port %s of %s cannot be had: %s; port 0 takes any that is free"
              .formatted(port, host, Printable.reason(e)),
          e);
    } catch (IOException e) {
      throw new ConfigException(
          "%s cannot be listened at: %s".formatted(address, Printable.reason(e)), e);
    }
  }

  /** {@return threads for the clients of one server, which do not keep the process} */
  public static ExecutorService clients() {
    ThreadPoolExecutor clients =
        new ThreadPoolExecutor(
            MOST_CLIENTS,
            MOST_CLIENTS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            HttpDoor::thread);
    clients.allowCoreThreadTimeOut(true);
    return clients;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dmt-client");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * {@return the address of a server's root}
   *
   * @param server that listens here
   */
  public URI address(HttpServer server) {
    String name = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return URI.create("http://%s:%s/".formatted(name, server.getAddress().getPort()));
  }

  /**
   * {@return whether a client that asks for some host may be answered}
   *
   * @param header the request's Host; empty if it has none
   */
  public boolean admitsHost(String header) {
    if (key.isPresent()) {
      return true;
    }
    String name = header.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    return LOOPBACK.contains(name) || name.equals(host.toLowerCase(Locale.ROOT));
  }

  /**
   * {@return whether some text is the key; takes as long, wherever they differ}
   *
   * @param text that a client sent
   */
  public boolean isKey(String text) {
    byte[] expected = key.orElse("").getBytes(StandardCharsets.UTF_8);
    return key.isPresent()
        && MessageDigest.isEqual(expected, text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@return host alone: the key must not get into a log} */
  @Override
  public String toString() {
    return "HttpDoor[host=%s]".formatted(host);
  }
}
