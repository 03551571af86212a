package ai.dmt.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.LearntModel;
import ai.dmt.config.ConfigException;
import ai.dmt.model.Model;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, wait, read slowly or have no key, and the server's end. */
@Tag("native")
@Timeout(60)
class ServerClientsTest {
  /** A model that has learnt nothing goes on for as many tokens: seconds. */
  private static final int POSITIONS = 32_768;

  private static final String ENDLESS =
      "{\"prompt\": \"a\", \"temperature\": 0, \"max_tokens\": 32000%s}";
  private static final String SHORT = "{\"prompt\": \"a\", \"temperature\": 0, \"max_tokens\": 3}";

  @TempDir private Path folder;
  private Model model;
  private ChatServer server; // null until a test starts it
  private Client client;

  @BeforeEach
  void open() throws Exception {
    model = Model.open(new LearntModel(folder.resolve("m"), POSITIONS).write());
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    model.close();
  }

  private void start(ServerSettings settings) {
    server = ChatServer.start(model, settings, notice -> {});
    client = new Client(server);
  }

  private Socket endless(String more) throws Exception {
    Socket socket = client.raw("/v1/completions", "localhost", ENDLESS.formatted(more));
    client.await("dmt_completions_running", 1);
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"stream\": true"})
  void requestOfAClientThatHasGoneEnds(String more) throws Exception {
    start(ServerSettings.local(0));
    endless(more).close();
    client.await("dmt_completions_running", 0);
    client.await("dmt_requests_ended_early_total{reason=\"client_gone\"}", 1);
    assertTrue(client.metric("dmt_generated_tokens_total") < 32_000);
    assertEquals(200, client.post("/v1/completions", SHORT).status());
  }

  @Test
  void waitingRequestOfAClientThatHasGoneIsNeverBegun() throws Exception {
    start(ServerSettings.local(0).withBatchSize(1));
    try (Socket running = endless("")) {
      Socket waiting = client.raw("/v1/completions", "localhost", ENDLESS.formatted(""));
      client.await("dmt_completions_waiting", 1);
      waiting.close();
      client.await("dmt_requests_ended_early_total{reason=\"client_gone\"}", 1);
      assertEquals(1, client.metric("dmt_completions_running"));
      assertFalse(running.isClosed());
    }
  }

  @Test
  void aClientThatReadsNothingStallsNobody() throws Exception {
    start(ServerSettings.local(0));
    try (Socket idle = endless(", \"stream\": true")) {
      for (int i = 0; i < 20; i++) {
        assertEquals(200, client.post("/v1/completions", SHORT).status());
      }
      assertFalse(idle.isClosed());
    }
  }

  @Test
  void timeLimitEndsARequest() throws Exception {
    start(ServerSettings.local(0).withTimeLimit(Duration.ofMillis(400)));
    Client.Response response = client.post("/v1/completions", ENDLESS.formatted(""));
    assertEquals(504, response.status());
    assertEquals(
        "the answer is not complete after the 0.4 s that a request may take", response.error());
    List<JsonNode> events =
        client.post("/v1/completions", ENDLESS.formatted(", \"stream\": true")).events();
    assertEquals("time_limit", events.get(events.size() - 1).path("error").path("code").asText());
    client.await("dmt_completions_running", 0);
  }

  @Test
  void requestsThatMayNotWaitAreRefused() throws Exception {
    start(ServerSettings.local(0).withBatchSize(1).withQueueLimit(0));
    try (Socket running = endless("")) {
      Client.Response refused = client.post("/v1/completions", SHORT);
      assertEquals(429, refused.status());
      assertEquals(
          "the server is busy: 1 requests are being answered and 0 wait, as many as may",
          refused.error());
      assertEquals("1", refused.http().headers().firstValue("Retry-After").orElseThrow());
      assertFalse(running.isClosed());
    }
  }

  @Test
  void bodiesThatNeverEndDoNotTakeAllMemory() throws Exception {
    start(ServerSettings.local(0).withMaxBodyBytes(1000));
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(client.begun("/v1/completions", 1000));
    }
    Client.Response refused;
    do { // until all eight are being read
      refused = client.post("/v1/completions", SHORT);
    } while (refused.status() == 200);
    assertEquals(429, refused.status());
    assertEquals("the server is busy reading the bodies of other requests", refused.error());
    assertEquals(200, client.get("/health").status());
    slow.get(0).close();
    assertEquals(200, client.post("/v1/completions", SHORT).status());
    for (Socket socket : slow) {
      socket.close();
    }
  }

  @Test
  void stoppingLetsAnswersEndAndRefusesOthers() throws Exception {
    start(ServerSettings.local(0));
    CompletableFuture<Client.Response> running =
        client.postLater("/v1/completions", ENDLESS.formatted("").replace("32000", "6000"));
    client.await("dmt_completions_running", 1);
    CompletableFuture<Void> stopping =
        CompletableFuture.runAsync(
            () -> {
              try {
                server.stop(Duration.ofSeconds(60));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    while (client.get("/health").status() == 200) {
      Thread.sleep(1);
    }
    assertEquals(503, client.post("/v1/completions", SHORT).status());
    assertEquals(200, running.get().status());
    stopping.get();
    server.awaitEnd();
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> client.post("/v1/completions", SHORT));
    assertTrue(e.getCause() instanceof ConnectException, e::toString);
  }

  @Test
  void closingBreaksAnswersOffAndFreesTheModel() throws Exception {
    start(ServerSettings.local(0));
    try (Socket running = endless("")) {
      server.close();
      assertEquals(-1, running.getInputStream().read());
    }
    assertFalse(model.answer("a").isEmpty());
  }

  @Test
  void theKeyIsAskedForAndNeverShown() throws Exception {
    ServerSettings settings = ServerSettings.local(0).withKey(Optional.of("sk-secret-of-mine"));
    start(settings);
    assertFalse(settings.toString().contains("secret"));
    Client.Response none = client.post("/v1/completions", SHORT);
    assertEquals(401, none.status());
    assertTrue(none.error().startsWith("no key was sent"), none.body());
    Client.Response wrong =
        client.postLater("/v1/completions", SHORT, "Authorization", "Bearer sk-wrong").get();
    assertEquals(401, wrong.status());
    assertEquals("invalid_api_key", wrong.json().path("error").path("code").asText());
    assertFalse(wrong.body().contains("sk-"), wrong.body());
    assertEquals(
        200,
        client
            .postLater("/v1/completions", SHORT, "Authorization", "Bearer sk-secret-of-mine")
            .get()
            .status());
    assertEquals(401, client.get("/metrics").status());
    assertEquals(401, client.get("/v1/models").status());
    assertEquals(200, client.get("/health").status());
  }

  @Test
  void withoutAKeyOtherNamesAreRefused() throws Exception {
    start(ServerSettings.local(0));
    try (Socket socket = client.raw("/v1/completions", "evil.example:80", SHORT);
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      assertTrue(reader.readLine().contains(" 403 "));
    }
  }

  @Test
  void whatCannotBeServedIsSaidAtOnce() {
    start(ServerSettings.local(0));
    assertFault(
        ServerSettings.local(server.port()),
        "port %s of 127.0.0.1 cannot be had: ".formatted(server.port()));
    server.close();
    assertFault(ServerSettings.local(0).withHost("0.0.0.0"), "so the server needs a key");
    assertFault(ServerSettings.local(0).withHost("no.such.host.invalid"), "there is no host");
    assertFault(
        ServerSettings.local(0).withMaxTokens(40_000),
        "maxTokens must be in [2, 32768], the model's positions, got 40000");
    ConfigException faults =
        assertThrows(ConfigException.class, () -> ServerSettings.local(70_000).withBatchSize(0));
    assertEquals("server: port must be in [0, 65535], got 70000", faults.getMessage());
  }

  private void assertFault(ServerSettings settings, String message) {
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> ChatServer.start(model, settings, notice -> {}).close());
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }
}
