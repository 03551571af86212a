package ai.dmt.serve;

import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** One request and its response. */
final class Connection {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Bytes of a body that nobody wants which are read, so that its client reads the answer. */
  private static final long MOST_DISCARDED = 64L << 20;

  private final HttpExchange exchange;
  private final String path;
  private final ServerMetrics metrics;
  private final long began = System.nanoTime();
  private boolean responded;

  /** Wraps an exchange. @param path for the metrics */
  Connection(HttpExchange exchange, String path, ServerMetrics metrics) {
    this.exchange = exchange;
    this.path = path;
    this.metrics = metrics;
  }

  /** When the request came, by the clock of System.nanoTime. */
  long began() {
    return began;
  }

  InetSocketAddress local() {
    return exchange.getLocalAddress();
  }

  InetSocketAddress remote() {
    return exchange.getRemoteAddress();
  }

  /** The method; a HEAD is a GET of which the client wants the head alone. */
  String method() {
    return wantsHeadAlone() ? "GET" : exchange.getRequestMethod();
  }

  private boolean wantsHeadAlone() {
    return exchange.getRequestMethod().equals("HEAD");
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** Bytes that the body may have. @param most that are read */
  int bodyBytes(int most) {
    long stated = header("Content-Length").map(Long::parseLong).orElse((long) most);
    return (int) Math.max(0, Math.min(stated, most));
  }

  /** The body. @param most bytes */
  JsonNode json(int most) throws ApiException, IOException {
    String type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    if (!type.split(";", 2)[0].strip().equals("application/json")) {
      // A page of another site cannot send this type without asking, which is not answered.
      throw ApiException.refused(
          415, "unsupported_media_type", "the Content-Type must be application/json");
    }
    InputStream in = exchange.getRequestBody();
    byte[] body = in.readNBytes(most + 1 > 0 ? most + 1 : most);
    if (body.length > most) {
      throw ApiException.refused(
          413,
          "request_too_large",
          "the body has more than the %s bytes that this server takes".formatted(most));
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return JsonText.parse(text);
    } catch (CharacterCodingException e) {
      throw ApiException.badRequest(null, "the body is not UTF-8");
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest(null, "the body is malformed JSON: " + JsonFaults.sentence(e));
    }
  }

  void send(int status, JsonNode body) throws IOException {
    send(status, "application/json", JSON.writeValueAsBytes(body));
  }

  /** Responds with a text. */
  void send(int status, String type, String text) throws IOException {
    send(status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Responds with a fault; on a stream that has begun, as its last event. */
  void send(ApiException fault) throws IOException {
    if (responded) {
      event(fault.json());
      return;
    }
    discardBody();
    if (fault.passes()) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    if (fault.status() == 401) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
    }
    send(fault.status(), fault.json());
  }

  private void send(int status, String type, byte[] content) throws IOException {
    if (wantsHeadAlone()) {
      begin(status, type, -1);
      return;
    }
    begin(status, type, content.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content);
    }
  }

  private void begin(int status, String type, long length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    responded = true;
    metrics.onResponse(path, status);
    exchange.sendResponseHeaders(status, length);
  }

  /** Sends a server-sent event; the first one begins the response. */
  void event(JsonNode data) throws IOException {
    event(JSON.writeValueAsString(data));
  }

  /** Sends a server-sent event. @param data of one line */
  void event(String data) throws IOException {
    if (!responded) {
      begin(200, "text/event-stream; charset=utf-8", 0);
    }
    OutputStream out = exchange.getResponseBody();
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Ends a stream. */
  void endEvents() throws IOException {
    exchange.getResponseBody().close();
  }

  private void discardBody() throws IOException {
    InputStream in = exchange.getRequestBody();
    byte[] buffer = new byte[1 << 16];
    long left = MOST_DISCARDED;
    for (int read = 0; read >= 0 && left > 0; left -= read) {
      read = in.read(buffer);
    }
  }
}
