package ai.dmt.serve;

import ai.dmt.generate.ContinuousGenerator;
import ai.dmt.internal.http.HttpDoor;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Finds who answers a request, and whether it may be made at all. */
final class ApiHandler implements HttpHandler {
  private static final String MODELS = "/v1/models";
  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final Map<String, String> METHODS =
      Map.of("/health", "GET", "/metrics", "GET", MODELS, "GET", CHAT, "POST", COMPLETIONS, "POST");

  /**
   * JSON takes up to fifteen times its bytes as objects; so many of the longest are read at once.
   */
  private static final int LONGEST_BODIES = 8;

  private static final int BODY_WAIT_SECONDS = 2;
  private static final String BEARER = "Bearer ";

  private final ServerSettings settings;
  private final HttpDoor door;
  private final Semaphore bodies; // of bytes
  private final ServedModels models;
  private final CallReader reader;
  private final CompletionAnswerer answerer;
  private final ContinuousGenerator generator;
  private final ServerMetrics metrics;
  private final BooleanSupplier stopping;
  private final Consumer<String> notices;

  ApiHandler(
      ServerSettings settings,
      HttpDoor door,
      ServedModels models,
      CallReader reader,
      CompletionAnswerer answerer,
      ContinuousGenerator generator,
      ServerMetrics metrics,
      BooleanSupplier stopping,
      Consumer<String> notices) {
    this.settings = settings;
    this.door = door;
    long bytes = Math.min(Integer.MAX_VALUE, (long) LONGEST_BODIES * settings.maxBodyBytes());
    this.bodies = new Semaphore((int) bytes, true);
    this.models = models;
    this.reader = reader;
    this.answerer = answerer;
    this.generator = generator;
    this.metrics = metrics;
    this.stopping = stopping;
    this.notices = notices;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String known = path.startsWith(MODELS + "/") ? MODELS : path;
    Connection connection =
        new Connection(exchange, METHODS.containsKey(known) ? known : "other", metrics);
    try (exchange) {
      try {
        answer(path, known, connection);
      } catch (ApiException e) {
        connection.send(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the server is closed; so is the connection
      } catch (RuntimeException e) {
        notices.accept("%s failed: %s".formatted(known, Printable.reason(e)));
        connection.send(ApiException.ofServer(500, "internal", Printable.reason(e)));
      }
    } catch (IOException e) {
      return; // the client has gone
    }
  }

  private void answer(String path, String known, Connection connection)
      throws ApiException, IOException, InterruptedException {
    demandHost(connection);
    String method = METHODS.get(known);
    if (method == null) {
      throw ApiException.refused(
          404,
          "not_found",
          "there is no %s; there are %s, %s, %s, /health and /metrics"
              .formatted(Printable.value(path), CHAT, COMPLETIONS, MODELS));
    }
    if (!known.equals("/health")) {
      demandKey(connection);
    }
    if (!connection.method().equals(method)) {
      throw ApiException.refused(
          405, "method_not_allowed", "%s takes %s alone".formatted(known, method));
    }
    switch (known) {
      case "/health" -> sendHealth(connection);
      case "/metrics" ->
          connection.send(
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              metrics.text(generator.load(), settings.batchSize()));
      case MODELS -> sendModels(path, connection);
      default -> complete(known.equals(CHAT), connection);
    }
  }

  private void complete(boolean chat, Connection connection)
      throws ApiException, IOException, InterruptedException {
    if (stopping.getAsBoolean()) {
      throw ApiException.ofServer(503, "stopping", "the server is stopping");
    }
    answerer.answer(read(chat, connection), connection);
  }

  /** Reads what is asked for, while there is memory for the body and what becomes of it. */
  private CompletionCall read(boolean chat, Connection connection)
      throws ApiException, IOException, InterruptedException {
    int bytes = connection.bodyBytes(settings.maxBodyBytes());
    if (!bodies.tryAcquire(bytes, BODY_WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw ApiException.overloaded("the server is busy reading the bodies of other requests");
    }
    try {
      JsonNode body = connection.json(settings.maxBodyBytes());
      return chat ? reader.chat(body) : reader.completion(body);
    } finally {
      bodies.release(bytes);
    }
  }

  /** Without a key, a page of another site whose name points here must not use the model. */
  private void demandHost(Connection connection) throws ApiException {
    if (!door.admitsHost(connection.header("Host").orElse(""))) {
      throw ApiException.refused(
          403,
          "wrong_host",
          "not for other names than localhost and 127.0.0.1, unless the server has a key");
    }
  }

  private void demandKey(Connection connection) throws ApiException {
    if (settings.key().isEmpty()) {
      return;
    }
    String given = connection.header("Authorization").orElse("");
    if (!given.startsWith(BEARER) || !door.isKey(given.substring(BEARER.length()))) {
      throw ApiException.refused(
          401,
          "invalid_api_key",
          given.isEmpty()
              ? "no key was sent; expected the header Authorization: Bearer KEY"
              : "the key is not this server's");
    }
  }

  private void sendHealth(Connection connection) throws IOException {
    boolean ends = stopping.getAsBoolean();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    connection.send(ends ? 503 : 200, body.put("status", ends ? "stopping" : "ok"));
  }

  private void sendModels(String path, Connection connection) throws ApiException, IOException {
    if (path.equals(MODELS)) {
      connection.send(200, models.list());
      return;
    }
    String asked = path.substring(MODELS.length() + 1);
    connection.send(200, models.json(models.find(Optional.of(asked))));
  }
}
