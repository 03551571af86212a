package ai.dmt.serve;

import ai.dmt.config.ConfigException;
import ai.dmt.generate.ContinuousGenerator;
import ai.dmt.internal.http.HttpDoor;
import ai.dmt.model.Model;
import com.sun.net.httpserver.HttpServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * Answers over HTTP in the form of OpenAI's API, with one model and the adapters beside it: {@code
 * /v1/chat/completions}, {@code /v1/completions} and {@code /v1/models}, streamed by server-sent
 * events where a client asks for it; {@code /health} and {@code /metrics} for those who look after
 * it. Requests that come together are decoded together, whichever adapter they name, see {@link
 * ContinuousGenerator}.
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
  private static final String KEY_ADVICE = "--api-key-env NAME, or ServerSettings.withKey";

  private final HttpServer server;
  private final HttpDoor door;
  private final ExecutorService clients = HttpDoor.clients();
  private final ContinuousGenerator generator;
  private final ClientWatch watch;
  private final Object lock = new Object(); // guards what follows
  private boolean stopping;
  private boolean ended;

  private ChatServer(
      Model model,
      ServerSettings settings,
      HttpDoor door,
      HttpServer server,
      Consumer<String> notices) {
    int positions = model.info().maxPositionEmbeddings();
    int maxTokens = settings.maxTokens() == 0 ? positions : settings.maxTokens();
    String name = settings.modelName().orElseGet(() -> name(model.info().folder()));
    ServedModels models = new ServedModels(model, name, settings, maxTokens);
    this.server = server;
    this.door = door;
    this.generator =
        new ContinuousGenerator(
            model.engine(),
            model.tokenizer(),
            settings.batchSize(),
            maxTokens,
            settings.queueLimit());
    this.watch = new ClientWatch();
    ServerMetrics metrics = new ServerMetrics();
    server.setExecutor(clients);
    server.createContext(
        "/",
        new ApiHandler(
            settings,
            door,
            models,
            new CallReader(model, models, settings.sampling(), maxTokens),
            new CompletionAnswerer(generator, settings.timeLimit(), watch, metrics),
            generator,
            metrics,
            this::isStopping,
            notices));
    server.start();
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
   *     than this machine could connect without a key, the model takes fewer tokens, or an adapter
   *     has the model's name
   * @throws ai.dmt.engine.EngineException if there is no memory for so many requests
   */
  public static ChatServer start(Model model, ServerSettings settings, Consumer<String> notices) {
    HttpDoor door = new HttpDoor(settings.host(), settings.key());
    HttpServer server = door.listen(settings.port(), KEY_ADVICE);
    try {
      return new ChatServer(model, settings, door, server, notices);
    } catch (RuntimeException | Error e) {
      server.stop(0);
      throw e;
    }
  }

  /** {@return the port that it listens at} */
  public int port() {
    return server.getAddress().getPort();
  }

  /** {@return what clients take as base URL, such as http://127.0.0.1:8080/v1} */
  public URI baseUrl() {
    return door.address(server).resolve("v1");
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
