package ai.dmt.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.LearntModel;
import ai.dmt.model.Model;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server answers, right or wrong. */
@Tag("native")
@Timeout(60)
class ChatServerTest {
  private static final String ANSWER = "na\u00efve \u65e5\u672c \ud83d\ude00 stop here, END";
  private static final int POSITIONS = 512;
  private static final List<String> NOTICES = new ArrayList<>();

  @TempDir private static Path folder;
  private static Model model;
  private static ChatServer server;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    Path learnt =
        new LearntModel(folder.resolve("learnt"), POSITIONS)
            .with("vicuna_v1.1", "Say it.", ANSWER)
            .with("plain", "go:", ANSWER)
            .write();
    model = Model.open(learnt);
    server =
        ChatServer.start(model, ServerSettings.local(0).withMaxBodyBytes(50_000), NOTICES::add);
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    server.close();
    model.close();
    assertEquals(List.of(), NOTICES);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void chatIsAnsweredInOpenAisForm() throws Exception {
    Client.Response response = client.chat("Say it.", ", \"model\": \"learnt\"");
    assertEquals(200, response.status(), response.body());
    JsonNode body = response.json();
    assertEquals("chat.completion", body.path("object").asText());
    assertEquals("learnt", body.path("model").asText());
    JsonNode choice = body.path("choices").path(0);
    assertEquals(ANSWER, choice.path("message").path("content").asText());
    assertEquals("assistant", choice.path("message").path("role").asText());
    assertEquals("stop", choice.path("finish_reason").asText());
    JsonNode usage = body.path("usage");
    assertEquals(1 + bytes(ANSWER), usage.path("completion_tokens").asInt(), "a blank before it");
    assertEquals(
        usage.path("prompt_tokens").asInt() + usage.path("completion_tokens").asInt(),
        usage.path("total_tokens").asInt());
  }

  @Test
  void streamHasTheSameTextInWholeCharacters() throws Exception {
    Client.Response response =
        client.chat("Say it.", ", \"stream\": true, \"stream_options\": {\"include_usage\": true}");
    assertEquals(
        "text/event-stream; charset=utf-8",
        response.http().headers().firstValue("Content-Type").orElseThrow());
    List<JsonNode> events = response.events();
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events.subList(0, events.size() - 2)) {
      String piece = event.path("choices").path(0).path("delta").path("content").asText();
      assertFalse(piece.contains("\ufffd"), piece);
      text.append(piece);
      assertTrue(event.path("usage").isNull());
      assertEquals("chat.completion.chunk", event.path("object").asText());
    }
    assertEquals(ANSWER, text.toString());
    JsonNode first = events.get(0).path("choices").path(0).path("delta");
    assertEquals("assistant", first.path("role").asText());
    JsonNode last = events.get(events.size() - 3).path("choices").path(0);
    assertEquals("stop", last.path("finish_reason").asText());
    JsonNode usage = events.get(events.size() - 2);
    assertEquals(0, usage.path("choices").size());
    assertEquals(1 + bytes(ANSWER), usage.path("usage").path("completion_tokens").asInt());
    assertEquals("[DONE]", events.get(events.size() - 1).asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"here,\"| na\u00efve \u65e5\u672c \ud83d\ude00 stop",
        "[\"END\", \"stop\"]| na\u00efve \u65e5\u672c \ud83d\ude00",
        "[\"\u672c\"]| na\u00efve \u65e5",
        "[\"never\", \"ENDING\"]| na\u00efve \u65e5\u672c \ud83d\ude00 stop here, END"
      })
  void stopStringsEndTheTextBeforeThem(String stop, String text) throws Exception {
    String more = ", \"stop\": " + stop;
    assertEquals(text, client.chat("Say it.", more).text().strip());
    Client.Response streamed = client.chat("Say it.", more + ", \"stream\": true");
    StringBuilder pieces = new StringBuilder();
    for (JsonNode event : streamed.events()) {
      pieces.append(event.path("choices").path(0).path("delta").path("content").asText());
    }
    assertEquals(text, pieces.toString().strip());
  }

  @Test
  void limitsOfTokensEndTheText() throws Exception {
    for (String limit : List.of("max_tokens", "max_completion_tokens")) {
      Client.Response response = client.chat("Say it.", ", \"%s\": 3".formatted(limit));
      assertEquals("na", response.text()); // the blank is the third token
      assertEquals(
          "length", response.json().path("choices").path(0).path("finish_reason").asText());
      assertEquals(3, response.json().path("usage").path("completion_tokens").asInt());
    }
    // The fifth byte is half of a character.
    assertEquals("na\ufffd", client.chat("Say it.", ", \"max_tokens\": 4").text());
  }

  @Test
  void promptsAreContinuedAsTextsAndAsTokens() throws Exception {
    int[] ids;
    try (Tokenizer tokenizer = Tokenizer.load(model.info().folder())) {
      ids = tokenizer.encode("go:");
    }
    String tokens = "[%s, %s, %s]".formatted(ids[0], ids[1], ids[2]);
    String fields = ", \"temperature\": 0, \"max_tokens\": 60}";
    for (String prompt : List.of("\"go:\"", tokens, "[\"go:\"]", "[" + tokens + "]")) {
      Client.Response response = client.post("/v1/completions", "{\"prompt\": " + prompt + fields);
      assertEquals(ANSWER, response.text(), response::body);
      assertEquals("text_completion", response.json().path("object").asText());
    }
    Client.Response two =
        client.post(
            "/v1/completions", "{\"prompt\": [\"go:\", \"go:na\"], \"stream\": true" + fields);
    StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
    for (JsonNode event : two.events()) {
      JsonNode choice = event.path("choices").path(0);
      texts[choice.path("index").asInt()].append(choice.path("text").asText());
    }
    assertEquals(ANSWER, texts[0].toString());
    assertEquals(ANSWER.substring(2), texts[1].toString());
    JsonNode short16 = client.post("/v1/completions", "{\"prompt\": \"go:\"}").json();
    assertEquals(16, short16.path("usage").path("completion_tokens").asInt(), "as with OpenAI");
  }

  @Test
  void samplingHangsOnTheSeedAlone() throws Exception {
    String body =
        "{\"prompt\": \"x\", \"temperature\": 5, \"top_p\": 0.9, \"max_tokens\": 40, \"seed\": %s}";
    String first = client.post("/v1/completions", body.formatted(3)).text();
    assertEquals(first, client.post("/v1/completions", body.formatted(3)).text());
    assertFalse(first.equals(client.post("/v1/completions", body.formatted(4)).text()));
    String without = body.replace(", \"seed\": %s", "");
    assertFalse(
        client
            .post("/v1/completions", without)
            .text()
            .equals(client.post("/v1/completions", without).text()));
  }

  @Test
  void twoHundredClientsAtOnceGetTheirAnswers() throws Exception {
    List<CompletableFuture<Client.Response>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String more = i % 2 == 0 ? "" : ", \"stream\": true";
      all.add(client.postLater("/v1/chat/completions", Client.chatBody("Say it.", more)));
    }
    for (int i = 0; i < all.size(); i++) {
      Client.Response response = all.get(i).get();
      assertEquals(200, response.status(), response.body());
      if (i % 2 == 0) {
        assertEquals(ANSWER, response.text());
      } else {
        assertTrue(response.body().endsWith("data: [DONE]\n\n"), response.body());
      }
    }
  }

  @Test
  void contentMayComeInParts() throws Exception {
    String body =
        "{\"temperature\": 0, \"messages\": [{\"role\": \"user\", \"content\": [{\"type\":"
            + " \"text\", \"text\": \"Say \"}, {\"type\": \"text\", \"text\": \"it.\"}]}]}";
    assertEquals(ANSWER, client.post("/v1/chat/completions", body).text());
  }

  @Test
  void fieldsThatAskForNothingAreTaken() throws Exception {
    Client.Response response =
        client.chat(
            "Say it.",
            ", \"n\": 1, \"user\": \"u\", \"tools\": [], \"logprobs\": false, \"stop\": null,"
                + " \"presence_penalty\": 0.0, \"logit_bias\": {}, \"seed\": null,"
                + " \"response_format\": {\"type\": \"text\"}, \"metadata\": {\"a\": \"b\"}");
    assertEquals(ANSWER, response.text(), response::body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\": | malformed JSON",
        "[] | must be a JSON object",
        "{} | messages must be an array, not empty",
        "{\"messages\": []} | messages must be an array, not empty",
        "{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"}]} | messages[0].role must be",
        "{\"messages\": [{\"role\": \"user\"}]} | messages[0].content must be a string",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]} | of the"
            + " type \"text\"",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\","
            + " \"content\": \"b\"}]} | the last message must be the user's",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"user\","
            + " \"content\": \"b\"}]} | must alternate",
        "{\"messages\": \"hi\", \"max_token\": 1} | there is no field \"max_token\", did you mean"
            + " max_tokens?",
        "{\"messages\": \"a\", \"n\": 2} | n is not offered by this server, got 2",
        "{\"messages\": \"a\", \"model\": 7} | model must be a string, got 7",
        "{\"messages\": \"a\", \"messages\": \"b\"} | key \"messages\" occurs twice"
      })
  void conversationsThatCannotBeAreRefused(String body, String message) throws Exception {
    Client.Response response = client.post("/v1/chat/completions", body);
    assertEquals(400, response.status(), response.body());
    assertTrue(response.error().contains(message), response.body());
    assertEquals("invalid_request_error", response.json().path("error").path("type").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"max_tokens\": -1 | max_tokens | max_tokens must be a whole number from 1",
        "\"max_tokens\": 1.5 | max_tokens | max_tokens must be a whole number from 1",
        "\"max_tokens\": 0 | max_tokens | max_tokens must be a whole number from 1",
        "\"max_tokens\": 1, \"max_completion_tokens\": 2 | max_tokens | give one of them",
        "\"max_tokens\": 100000 | messages | 100000 are asked for; this model takes 512 together",
        "\"temperature\": \"hot\" | temperature | temperature must be a number, got \"hot\"",
        "\"temperature\": -0.1 | temperature | finite and not negative, got -0.1",
        "\"temperature\": NaN | temperature | finite and not negative, got NaN",
        "\"top_p\": 0 | top_p | top_p must be in (0, 1], got 0.0",
        "\"seed\": 1e30 | seed | seed must be a whole number of 64 bits",
        "\"stop\": \"\" | stop | stop must be a string of 1 to 256 characters",
        "\"stop\": [7] | stop | got 7",
        "\"stream\": 1 | stream | stream must be true or false, got 1",
        "\"stream_options\": {\"include_usage\": true} | stream_options | needs \"stream\": true",
        "\"tools\": [{}] | tools | tools is not offered by this server",
        "\"logprobs\": true | logprobs | logprobs is not offered by this server",
        "\"response_format\": {\"type\": \"json_object\"} | response_format | is not offered"
      })
  void fieldsThatCannotBeAreNamed(String field, String name, String message) throws Exception {
    String others = "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]";
    Client.Response response =
        client.post("/v1/chat/completions", "{%s, %s}".formatted(others, field));
    assertEquals(400, response.status(), response.body());
    assertTrue(response.error().contains(message), response.body());
    assertEquals(name, response.json().path("error").path("param").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | prompt must be a string, an array of token ids",
        "[] | prompt must be a string, an array of token ids",
        "[300] | a token id must be a whole number from 0 to 257, got 300",
        "[-1] | got -1",
        "[1, \"a\"] | a token id must be a whole number from 0 to 257, got \"a\"",
        "[\"a\", 1] | a prompt must be a string, got 1",
        "[[]] | prompt must have a token at least"
      })
  void promptsThatCannotBeAreRefused(String prompt, String message) throws Exception {
    Client.Response response = client.post("/v1/completions", "{\"prompt\": %s}".formatted(prompt));
    assertEquals(400, response.status(), response.body());
    assertTrue(response.error().contains(message), response.body());
  }

  @Test
  void promptsOfTooManyTokensAreRefused() throws Exception {
    Client.Response response = client.chat("x".repeat(600), "");
    assertEquals(400, response.status());
    assertTrue(
        response
            .error()
            .matches(
                "the prompt has \\d+ tokens and an answer needs one; this"
                    + " model takes 512 together"),
        response.body());
    assertEquals("context_length_exceeded", response.json().path("error").path("code").asText());
    String turns = "{\"role\": \"user\", \"content\": \"\"},".repeat(600);
    Client.Response many =
        client.post(
            "/v1/chat/completions",
            "{\"messages\": [%s]}".formatted(turns.substring(0, turns.length() - 1)));
    assertEquals("context_length_exceeded", many.json().path("error").path("code").asText());
  }

  @Test
  void otherModelsPathsMethodsAndTypesAreRefused() throws Exception {
    Client.Response other = client.chat("a", ", \"model\": \"gpt-4\"");
    assertEquals(404, other.status());
    assertEquals(
        "the model \"gpt-4\" does not exist here; this server has \"learnt\"", other.error());
    assertEquals("model_not_found", other.json().path("error").path("code").asText());
    assertEquals(404, client.get("/v1/models/gpt-4").status());
    assertEquals(404, client.get("/v2/models").status());
    assertEquals(404, client.get("/").status());
    assertEquals(405, client.get("/v1/chat/completions").status());
    assertEquals(405, client.post("/v1/models", "{}").status());
    Client.Response form =
        client.postLater("/v1/completions", "prompt=a", "Content-Type", "text/plain").get();
    assertEquals(415, form.status());
    assertEquals(
        "learnt", client.get("/v1/models").json().path("data").path(0).path("id").asText());
    assertEquals(512, client.get("/v1/models/learnt").json().path("max_model_len").asInt());
    assertEquals("ok", client.get("/health").json().path("status").asText());
  }

  @Test
  void hugeBodiesAreRefusedAndTheClientReadsWhy() throws Exception {
    for (int size : new int[] {50_001, 20_000_000}) {
      Client.Response response = client.chat("x".repeat(size), "");
      assertEquals(413, response.status());
      assertEquals(
          "the body has more than the 50000 bytes that this server takes", response.error());
    }
    assertEquals(
        400, client.post("/v1/completions", "[".repeat(10_000)).status(), "nested too deep");
  }

  @Test
  void metricsCountWhatHappened() throws Exception {
    long before = client.metric("dmt_generated_tokens_total");
    client.chat("Say it.", ", \"max_tokens\": 5");
    assertEquals(before + 5, client.metric("dmt_generated_tokens_total"));
    String page = client.get("/metrics").body();
    assertTrue(
        page.contains("dmt_responses_total{path=\"/v1/chat/completions\",status=\"200\"} "), page);
    for (String line : page.split("\n")) { // the text format of Prometheus
      assertTrue(
          line.matches(
              "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})?"
                  + " [0-9.E-]+"),
          line);
    }
  }
}
