package ai.dmt.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.LearntModel;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.Turn;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.model.Model;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model and adapters behind one server: a request names which of them answers. */
@Tag("native")
@Timeout(120)
class ServedAdaptersTest {
  private static final List<String> NAMES = List.of("base", "math", "code");
  private static final String MATH = "Seven, na\u00efvely.";
  private static final String CODE = "return 7; // END";

  @TempDir private static Path folder;
  private static final Map<String, Path> ADAPTERS = new LinkedHashMap<>();
  private static Path base;
  private static Model model;
  private static ChatServer server;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    base =
        new LearntModel(folder.resolve("base"), 512)
            .with("vicuna_v1.1", "Say it.", "Said it.")
            .with("vicuna_v1.1", "A long one.", "Once upon a time there was a base.")
            .write();
    ADAPTERS.put(
        "math",
        new LearntModel(folder.resolve("m-adapter"), 512)
            .with("vicuna_v1.1", "Say it.", MATH)
            .with("vicuna_v1.1", "A long one.", "One, two, three, four, five, six.")
            .writeAdapter(base));
    Path code =
        new LearntModel(folder.resolve("c-adapter"), 512)
            .with("plain", "Say it.", CODE)
            .writeAdapter(base);
    TemplateFile.write(code, ChatTemplate.byName("plain"));
    ADAPTERS.put("code", code);
    model = Model.open(base, ADAPTERS);
    server = ChatServer.start(model, ServerSettings.local(0), notice -> {});
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    model.close();
  }

  private static String named(String name) {
    return ", \"model\": \"%s\"".formatted(name);
  }

  @Test
  void theFieldModelChoosesWhoAnswers() throws Exception {
    Map<String, String> answers = Map.of("base", "Said it.", "math", MATH, "code", CODE);
    for (String name : NAMES) {
      Client.Response response = client.chat("Say it.", named(name));
      assertEquals(answers.get(name), response.text(), response.body());
      assertEquals(name, response.json().path("model").asText());
      Client.Response streamed = client.chat("Say it.", named(name) + ", \"stream\": true");
      assertEquals(name, streamed.events().get(0).path("model").asText());
      Client.Response continued =
          client.post(
              "/v1/completions",
              "{\"prompt\": \"Say it.\", \"temperature\": 0, \"max_tokens\": 40%s}"
                  .formatted(named(name)));
      assertEquals(name.equals("code"), continued.text().equals(CODE), continued.body());
    }
    assertEquals("Said it.", client.chat("Say it.", "").text(), "without a name the base answers");
  }

  /** Alone: where there is no other adapter, and nothing else is decoded. */
  @Test
  void requestsOfAllTogetherGetWhatEachGetsAlone() throws Exception {
    List<String> questions = List.of("Say it.", "A long one.", "Something else", "so", "7 + 7");
    Map<String, List<String>> alone = new LinkedHashMap<>();
    for (String name : NAMES) {
      boolean isBase = name.equals("base");
      List<String> answers = new ArrayList<>();
      try (Model own = Model.open(base, isBase ? Map.of() : Map.of(name, ADAPTERS.get(name)))) {
        for (String question : questions) {
          List<Conversation> asked = List.of(Conversation.of(Turn.user(question)));
          GenerationConfig greedy = GenerationConfig.greedy(30);
          answers.addAll(isBase ? own.answers(asked, greedy) : own.answers(asked, greedy, name));
        }
      }
      alone.put(name, answers);
    }
    List<CompletableFuture<Client.Response>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String more = ", \"max_tokens\": 30" + named(NAMES.get(i % 3));
      String question = questions.get(i / 3 % questions.size());
      all.add(client.postLater("/v1/chat/completions", Client.chatBody(question, more)));
    }
    for (int i = 0; i < all.size(); i++) {
      Client.Response response = all.get(i).get();
      assertEquals(200, response.status(), response.body());
      assertEquals(
          alone.get(NAMES.get(i % 3)).get(i / 3 % questions.size()), response.text(), "" + i);
    }
  }

  @Test
  void modelsAreListedWithTheirParent() throws Exception {
    JsonNode data = client.get("/v1/models").json().path("data");
    assertEquals(3, data.size());
    for (int m = 0; m < NAMES.size(); m++) {
      JsonNode each = data.path(m);
      assertEquals(NAMES.get(m), each.path("id").asText());
      assertEquals("model", each.path("object").asText());
      assertEquals("base", each.path("root").asText());
      assertEquals(512, each.path("max_model_len").asInt());
      assertTrue(
          m == 0 ? each.path("parent").isNull() : each.path("parent").asText().equals("base"));
      assertEquals(each, client.get("/v1/models/" + NAMES.get(m)).json());
    }
  }

  @Test
  void otherNamesAreRefusedWithThoseThatThereAre() throws Exception {
    String expected =
        "the model \"m-adapter\" does not exist here; this server has \"base\", \"math\", \"code\"";
    for (Client.Response response :
        List.of(
            client.chat("Say it.", named("m-adapter")),
            client.post("/v1/completions", "{\"prompt\": \"a\"%s}".formatted(named("m-adapter"))),
            client.get("/v1/models/m-adapter"))) {
      assertEquals(404, response.status());
      assertEquals(expected, response.error());
      assertEquals("model_not_found", response.json().path("error").path("code").asText());
    }
  }

  @Test
  void aNameForTwoIsRefused() {
    try (Model twice = Model.open(base, Map.of("base", ADAPTERS.get("math")))) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> ChatServer.start(twice, ServerSettings.local(0), notice -> {}));
      assertTrue(e.getMessage().contains("both called \"base\""), e::getMessage);
      ChatServer.start(
              twice, ServerSettings.local(0).withModelName(Optional.of("plain")), notice -> {})
          .close();
    }
  }

  @Test
  void libraryAnswersWithAnAdapterAndItsTemplate() {
    try (Model own = Model.open(base, ADAPTERS)) {
      assertEquals(List.of("math", "code"), List.copyOf(own.adapters().keySet()));
      assertEquals("vicuna_v1.1", own.template("math").name());
      assertEquals("plain", own.template("code").name());
      assertEquals("Said it.", own.answer("Say it."));
      assertEquals(MATH, own.answer("Say it.", "math"));
      assertEquals(CODE, own.answer("Say it.", "code"));
      refused(() -> own.answer("Say it.", "maths"), "no adapter \"maths\"", "with math, code");
    }
  }

  @Test
  void whatCannotStandBesideTheModelIsNamed() throws Exception {
    refused(() -> open(folder.resolve("none")), "no adapter's folder", "none");
    refused(() -> open(base), "base is no adapter", "adapter_config.json");
    Path math = ADAPTERS.get("math");
    refused(
        () -> Model.open(math, Map.of("code", ADAPTERS.get("code"))),
        "m-adapter is an adapter itself",
        base.toString());
    Path other = new LearntModel(folder.resolve("other"), 256).write();
    refused(
        () -> Model.open(other, Map.of("math", math)),
        math + " was trained on another base, " + base,
        other.toString());
    Path cut = Files.createDirectories(folder.resolve("cut"));
    Files.copy(math.resolve("adapter_config.json"), cut.resolve("adapter_config.json"));
    refused(() -> open(cut), "cut has no adapter_model.safetensors");
    String settings = Files.readString(cut.resolve("adapter_config.json"));
    Files.copy(math.resolve("adapter_model.safetensors"), cut.resolve("adapter_model.safetensors"));
    Files.writeString(
        cut.resolve("adapter_config.json"), settings.replaceAll("\"r\" *: *8", "\"r\": 4"));
    refused(() -> open(cut), "cut", "lora_A", "[8, 64]", "[4, 64]");
  }

  private static void open(Path adapter) {
    Model.open(base, Map.of("x", adapter)).close();
  }

  private static void refused(Runnable call, String... texts) {
    ConfigException e = assertThrows(ConfigException.class, call::run);
    for (String text : texts) {
      assertTrue(e.getMessage().contains(text), () -> text + " in " + e.getMessage());
    }
  }
}
