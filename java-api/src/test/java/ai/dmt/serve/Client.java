package ai.dmt.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client of a server in this process. */
final class Client {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;

  Client(ChatServer server) {
    this.server = server.baseUrl();
  }

  /** A response. */
  record Response(int status, String body, HttpResponse<?> http) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }

    String error() throws IOException {
      return json().path("error").path("message").asText();
    }

    String text() throws IOException {
      JsonNode choice = json().path("choices").path(0);
      return choice.path("message").path("content").asText(choice.path("text").asText());
    }

    /** Data of all server-sent events, in their order. */
    List<JsonNode> events() throws IOException {
      List<JsonNode> events = new ArrayList<>();
      for (String event : body.split("\n\n")) {
        String data = event.substring("data: ".length());
        events.add(
            data.equals("[DONE]") ? JSON.getNodeFactory().textNode(data) : JSON.readTree(data));
      }
      return events;
    }
  }

  Response get(String path) throws Exception {
    return send(HttpRequest.newBuilder(server.resolve(path)).build()).get();
  }

  Response post(String path, String body) throws Exception {
    return postLater(path, body).get();
  }

  /** Asks the conversation of one turn. @param more fields, each with a comma in front */
  Response chat(String question, String more) throws Exception {
    return post("/v1/chat/completions", chatBody(question, more));
  }

  static String chatBody(String question, String more) throws IOException {
    return "{\"messages\": [{\"role\": \"user\", \"content\": %s}], \"temperature\": 0%s}"
        .formatted(JSON.writeValueAsString(question), more);
  }

  CompletableFuture<Response> postLater(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path))
            .setHeader("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    for (int h = 0; h < headers.length; h += 2) {
      request.setHeader(headers[h], headers[h + 1]);
    }
    return send(request.build());
  }

  private CompletableFuture<Response> send(HttpRequest request) {
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
        .thenApply(response -> new Response(response.statusCode(), response.body(), response));
  }

  /** A value of the metrics. */
  long metric(String name) throws Exception {
    String line =
        get("/metrics")
            .body()
            .lines()
            .filter(each -> each.startsWith(name + " "))
            .findFirst()
            .get();
    return Long.parseLong(line.substring(name.length() + 1));
  }

  /** Waits until a value of the metrics is reached. */
  void await(String name, long value) throws Exception {
    while (metric(name) != value) {
      Thread.sleep(10);
    }
  }

  /** Sends a request of which nobody reads the answer. */
  Socket raw(String path, String host, String body) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    Socket socket = begun(path, host, content.length);
    socket.getOutputStream().write(content);
    return socket;
  }

  /** Sends the head of a request. @param length that its body is said to have */
  Socket begun(String path, int length) throws IOException {
    return begun(path, "localhost", length);
  }

  private Socket begun(String path, String host, int length) throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    String head =
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n"
            .formatted(path, host, length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }
}
