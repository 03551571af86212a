package ai.dmt.serve;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.generate.ContinuousGenerator;
import ai.dmt.internal.text.Printable;
import ai.dmt.model.Model;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers over HTTP in the form of OpenAI's API, with one model: {@code /v1/chat/completions},
 * {@code /v1/completions} and {@code /v1/models}, streamed by server-sent events where a client
 * asks for it; {@code /health} and {@code /metrics} for those who look after it. Requests that come
 * together are decoded together, see {@link ContinuousGenerator}.
 *
 * <pre>{@code
 * try (Model model = Model.open(Path.of("my-model"));
 *     ChatServer server = ChatServer.start(model, ServerSettings.local(8080), System.err::println)) {
 *   server.awaitEnd();
 * }
 * }</pre>
 *
 * <p>The model's engine is the server's until {@link #close}. Nothing is written to the disk.
 */
public final class ChatServer implements AutoCloseable {
  /** Threads, one for each client that is being answered; more clients wait to be let in. */
  private static final int MOST_CLIENTS = 512;

  private static final int BACKLOG = 1024;

  static {
    // Read once, when the first server of this process is made. A client has so many seconds to
    // send its request, by default any time, and would hold its thread; small packets are sent at
    // once, by default a token would wait until the client has confirmed the one before.
    setDefault("sun.net.httpserver.maxReqTime", "30");
    setDefault("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final String host;
  private final ThreadPoolExecutor clients;
  private final ContinuousGenerator generator;
  private final ClientWatch watch;
  private final Object lock = new Object(); // guards what follows
  private boolean stopping;
  private boolean ended;

  private ChatServer(
      Model model, ServerSettings settings, HttpServer server, Consumer<String> notices) {
    int positions = model.info().maxPositionEmbeddings();
    int maxTokens = settings.maxTokens() == 0 ? positions : settings.maxTokens();
    ChatTemplate template = settings.template().orElseGet(model::template);
    String name = settings.modelName().orElseGet(() -> name(model.info().folder()));
    this.server = server;
    this.host = settings.host();
    this.generator =
        new ContinuousGenerator(
            model.engine(),
            model.tokenizer(),
            settings.batchSize(),
            maxTokens,
            settings.queueLimit());
    this.watch = new ClientWatch();
    this.clients =
        new ThreadPoolExecutor(
            MOST_CLIENTS,
            MOST_CLIENTS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            ChatServer::thread);
    clients.allowCoreThreadTimeOut(true);
    ServerMetrics metrics = new ServerMetrics();
    server.setExecutor(clients);
    server.createContext(
        "/",
        new ApiHandler(
            settings,
            name,
            new CallReader(model, name, template, settings.sampling(), maxTokens),
            new CompletionAnswerer(generator, name, settings.timeLimit(), watch, metrics),
            generator,
            metrics,
            this::isStopping,
            notices));
    server.start();
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dmt-client");
    thread.setDaemon(true);
    return thread;
  }

  private static String name(Path folder) {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString();
  }

  /**
   * Listens, loads the model's weights, and answers.
   *
   * @param model stays the caller's, who closes it after the server
   * @param settings how to serve
   * @param notices takes sentences on requests that failed by no fault of their client
   * @return the server, which the caller closes
   * @throws ConfigException if the port is taken, the address is none of this machine's, others
   *     than this machine could connect without a key, or the model takes fewer tokens
   * @throws ai.dmt.engine.EngineException if there is no memory for so many requests
   */
  public static ChatServer start(Model model, ServerSettings settings, Consumer<String> notices) {
    HttpServer server = listening(settings);
    try {
      return new ChatServer(model, settings, server, notices);
    } catch (RuntimeException | Error e) {
      server.stop(0);
      throw e;
    }
  }

  private static HttpServer listening(ServerSettings settings) {
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    if (address.isUnresolved()) {
      throw new ConfigException("there is no host \"%s\"".formatted(settings.host()));
    }
    if (!address.getAddress().isLoopbackAddress() && settings.key().isEmpty()) {
      throw new ConfigException(
          "others than this machine can reach %s, so the server needs a key: --api-key-env NAME, or ServerSettings.withKey"
              .formatted(settings.host()));
    }
    try {
      return HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new ConfigException(
          "port %s of %s cannot be had: %s; port 0 takes any that is free"
              .formatted(settings.port(), settings.host(), Printable.reason(e)),
          e);
    } catch (IOException e) {
      throw new ConfigException(
          "%s cannot be listened at: %s".formatted(address, Printable.reason(e)), e);
    }
  }

  /** {@return the port that it listens at} */
  public int port() {
    return server.getAddress().getPort();
  }

  /** {@return what clients take as base URL, such as http://127.0.0.1:8080/v1} */
  public URI baseUrl() {
    String name = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return URI.create("http://%s:%s/v1".formatted(name, port()));
  }

  /**
   * Waits until the server is closed.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitEnd() throws InterruptedException {
    synchronized (lock) {
      while (!ended) {
        lock.wait();
      }
    }
  }

  /**
   * Ends gracefully: requests that come are refused with status 503, those that are being answered
   * have some time for it, then the server is closed.
   *
   * @param most how long to wait for them
   * @throws InterruptedException if the thread is interrupted; the server is closed then, too
   */
  public void stop(Duration most) throws InterruptedException {
    synchronized (lock) {
      stopping = true;
    }
    long deadline = System.nanoTime() + most.toNanos();
    try {
      while (watch.size() > 0 && deadline - System.nanoTime() > 0) {
        Thread.sleep(20);
      }
    } finally {
      close();
    }
  }

  private boolean isStopping() {
    synchronized (lock) {
      return stopping;
    }
  }

  /** Ends at once; harmless to call twice. Answers that are under way are broken off. */
  @Override
  public void close() {
    synchronized (lock) {
      if (stopping && ended) {
        return;
      }
      stopping = true;
    }
    server.stop(0);
    generator.close();
    watch.close();
    clients.shutdownNow();
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
    }
  }
}
