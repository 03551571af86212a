package ai.dmt.evaluators.judge;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An endpoint of OpenAI's chat completions over HTTP. The key appears in no message. */
final class HttpEndpoint implements ChatEndpoint {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_QUOTE = 300;

  /** Bytes; the longest reply that is asked for takes some ten thousand. */
  private static final int LONGEST_BODY = 4 << 20;

  private final HttpClient client;
  private final URI uri;
  private final @Nullable String key;
  private final Secret secret;
  private final Duration timeout;
  private final JudgeClock clock;

  /**
   * Makes an endpoint; connects to nothing.
   *
   * @param key sent as bearer token; null for none
   * @param timeout for one whole exchange
   * @throws ConfigException if the URL or the key cannot be used
   */
  HttpEndpoint(String baseUrl, @Nullable String key, Duration timeout, JudgeClock clock) {
    this.uri = completions(baseUrl);
    if (key != null && !key.matches("[\\x21-\\x7E]+")) {
      throw new ConfigException(
          "the judge's key is empty or holds a character that no header can have, such as a blank"
              + " or a line feed");
    }
    this.key = key;
    this.secret = new Secret(key);
    this.timeout = timeout;
    this.clock = clock;
    // HTTP/1.1: some servers of local models stumble over the offer to upgrade.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  private static URI completions(String baseUrl) {
    URI base;
    try {
      base = URI.create(baseUrl);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("the judge's URL is malformed: " + e.getMessage(), e);
    }
    boolean web =
        "http".equalsIgnoreCase(base.getScheme()) || "https".equalsIgnoreCase(base.getScheme());
    if (!web || base.getHost() == null) {
      throw new ConfigException(
          "the judge's URL must be http://HOST... or https://HOST..., such as"
              + " https://api.openai.com/v1");
    }
    if (base.getRawUserInfo() != null
        || base.getRawQuery() != null
        || base.getRawFragment() != null) {
      throw new ConfigException(
          "the judge's URL must not hold a user, a query or a fragment; the key comes from the"
              + " environment");
    }
    return URI.create(baseUrl.replaceFirst("/+$", "") + "/chat/completions");
  }

  @Override
  public String send(String body) throws TransientFault, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.US_ASCII));
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    HttpResponse<String> response = exchange(request.build());
    int status = response.statusCode();
    if (status / 100 == 2) {
      return text(response.body());
    }
    String fault = "%s answered %s: %s".formatted(uri, status, quote(response.body()));
    if (status == 408 || status == 429 || status >= 500) {
      Duration wait =
          response
              .headers()
              .firstValue("Retry-After")
              .map(value -> RetryAfter.parse(value, clock.now()))
              .orElse(Duration.ZERO);
      throw new TransientFault(fault, wait);
    }
    throw new ConfigException(fault);
  }

  /** The timeout holds for the body too, which HttpRequest's own does not. */
  private HttpResponse<String> exchange(HttpRequest request)
      throws TransientFault, InterruptedException {
    CompletableFuture<HttpResponse<String>> exchange =
        client.sendAsync(request, response -> new BoundedBody(LONGEST_BODY));
    try {
      return exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new TransientFault(uri + ": no reply within " + seconds());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof java.net.http.HttpTimeoutException) {
        throw new TransientFault(uri + ": no reply within " + seconds());
      }
      if (e.getCause() instanceof IOException) {
        throw new TransientFault(uri + ": " + clean(e.getCause().toString()));
      }
      throw new IllegalStateException("the HTTP client failed", e.getCause());
    } finally {
      exchange.cancel(true);
    }
  }

  private String text(String body) throws TransientFault {
    JsonNode content;
    try {
      content = JSON.readTree(body).path("choices").path(0).path("message").path("content");
    } catch (JsonProcessingException e) {
      throw new TransientFault(uri + ": the reply is malformed JSON: " + quote(body));
    }
    if (!content.isTextual()) {
      throw new TransientFault(
          uri + ": the reply has no text in choices[0].message.content: " + quote(body));
    }
    return content.textValue();
  }

  /** The server's own words, without what a terminal could take for a command. */
  private String quote(String body) {
    String said = body;
    try {
      JsonNode message = JSON.readTree(body).path("error").path("message");
      said = message.isTextual() ? message.textValue() : body;
    } catch (JsonProcessingException e) {
      // then all of it is quoted
    }
    return said.isBlank() ? "(nothing)" : clean(said);
  }

  private String clean(String text) {
    String safe = secret.masked(text).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return safe.length() <= LONGEST_QUOTE ? safe : safe.substring(0, LONGEST_QUOTE) + "...";
  }

  private String seconds() {
    return timeout.toMillis() / 1000.0 + " s";
  }
}
