package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.dmt.tokenizer.MarkedTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class ModelExtrasTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path base;
  private Path saved;
  private final MarkedTokenizer tokenizer =
      new MarkedTokenizer(List.of("<|im_start|>", "<|im_end|>"));
  private final ChatTemplate chatml = ChatTemplate.byName("chatml");

  @BeforeEach
  void makeFolders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    saved = Files.createDirectory(folder.resolve("saved"));
    Files.writeString(base.resolve("tokenizer.json"), "{}");
    Files.writeString(base.resolve("added_tokens.json"), "{}");
    Files.writeString(base.resolve("tokenizer_config.json"), "{\"chat_template\": \"old\"}");
    Files.writeString(base.resolve("chat_template.jinja"), "old");
  }

  private JsonNode json(String name) throws IOException {
    return JSON.readTree(saved.resolve(name).toFile());
  }

  private void configs(String config, String generation) throws IOException {
    Files.writeString(saved.resolve("config.json"), config);
    Files.writeString(saved.resolve("generation_config.json"), generation);
  }

  @Test
  void endsAreTheOldOnesAndTheTemplates() throws IOException {
    configs("{\"eos_token_id\": 90}", "{\"eos_token_id\": [91, 90], \"top_p\": 0.9}");
    ModelExtras.of(base, chatml, tokenizer).writeTo(saved);
    int own = tokenizer.eosId();
    int end = tokenizer.controlTokens().get("<|im_end|>");
    String all =
        JSON.writeValueAsString(
            java.util.stream.Stream.of(90, 91, Math.min(own, end), Math.max(own, end)).toList());
    assertEquals(JSON.readTree(all), json("generation_config.json").get("eos_token_id"));
    assertEquals(JSON.readTree(all), json("config.json").get("eos_token_id"));
    assertEquals(0.9, json("generation_config.json").get("top_p").asDouble());
  }

  @Test
  void oneEndStaysANumber() throws IOException {
    configs("{\"eos_token_id\": null}", "{\"eos_token_id\": %s}".formatted(tokenizer.eosId()));
    ModelExtras.of(base, ChatTemplate.byName("vicuna_v1.1"), tokenizer).writeTo(saved);
    assertEquals(tokenizer.eosId(), json("generation_config.json").get("eos_token_id").intValue());
    assertEquals(tokenizer.eosId(), json("config.json").get("eos_token_id").intValue());
  }

  @Test
  void chatTemplateOfTrainingTakesThePlaceOfTheBases() throws IOException {
    ModelExtras extras = ModelExtras.of(base, chatml, tokenizer);
    for (String name : List.of("tokenizer.json", "chat_template.jinja", "tokenizer_config.json")) {
      Files.delete(base.resolve(name)); // the base may be gone when a run ends
    }
    extras.writeTo(saved);
    String text = chatml.jinja(tokenizer).orElseThrow();
    assertEquals(text, Files.readString(saved.resolve("chat_template.jinja")));
    assertEquals(text, json("tokenizer_config.json").get("chat_template").asText());
    assertEquals("chatml", json("dmt_template.json").get("name").asText());
    assertEquals("{}", Files.readString(saved.resolve("tokenizer.json")));
    assertEquals("{}", Files.readString(saved.resolve("added_tokens.json")));
    assertFalse(Files.exists(saved.resolve("config.json")), "none is made");
  }
}
