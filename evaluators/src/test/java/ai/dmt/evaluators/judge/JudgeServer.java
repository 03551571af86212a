package ai.dmt.evaluators.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A judge on a loopback port that behaves as a test says, and counts what it is asked. */
public final class JudgeServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // Otherwise each small reply waits 40 ms for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** Decides what happens to a request. */
  @FunctionalInterface
  public interface Behaviour {
    /** Answers. @param earlier how many times the same body came before */
    void answer(Request request, int earlier) throws IOException, InterruptedException;
  }

  /** A request to answer. */
  public record Request(HttpExchange exchange, JsonNode body) {
    /** Text of the last message. */
    public String userPrompt() {
      JsonNode messages = body.path("messages");
      return messages.path(messages.size() - 1).path("content").asText();
    }

    /** Sends a completion. */
    public void reply(String text) throws IOException {
      ObjectNode reply = JSON.createObjectNode();
      reply.putArray("choices").addObject().putObject("message").put("content", text);
      send(200, reply.toString());
    }

    /** Sends a status and a body. @param headers names and values in turn */
    public void send(int status, String body, String... headers) throws IOException {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }

    /** Closes the connection without a word. */
    public void drop() {
      exchange.close();
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final List<Request> requests = new ArrayList<>();

  /** Starts a server. */
  public JudgeServer(Behaviour behaviour) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", exchange -> handle(exchange, behaviour));
    server.start();
  }

  private void handle(HttpExchange exchange, Behaviour behaviour) throws IOException {
    String body;
    try (InputStream in = exchange.getRequestBody()) {
      body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Request request = new Request(exchange, JSON.readTree(body));
    synchronized (requests) {
      requests.add(request);
    }
    int earlier = asked.merge(body, 1, Integer::sum) - 1;
    try {
      behaviour.answer(request, earlier);
    } catch (InterruptedException e) {
      exchange.close();
    }
  }

  /** What to name as base URL. */
  public String url() {
    return "http://127.0.0.1:%s/v1".formatted(server.getAddress().getPort());
  }

  /** All requests in the order they came. */
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** How often each body came. */
  public Map<String, Integer> asked() {
    return Map.copyOf(asked);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
