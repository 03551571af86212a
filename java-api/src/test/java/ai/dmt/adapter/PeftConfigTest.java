package ai.dmt.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(PeftConfigTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** As PEFT 0.21 has written it. */
  private static final AdapterConfig OF_PEFT =
      AdapterConfig.lora(8, 16, AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ, AdapterTarget.DOWN_PROJ)
          .withTarget(AdapterTarget.V_PROJ, 8, 12)
          .withTarget(AdapterTarget.DOWN_PROJ, 4, 16)
          .withRankStabilized(true)
          .withDropout(0.05);

  @Test
  void whatPeftWritesIsRead() {
    PeftConfig read = PeftConfig.read(resource("peft-0.21.json"));
    assertEquals(OF_PEFT, read.adapter());
    assertEquals("/models/base", read.base());
  }

  @Test
  void whatIsWrittenSaysWhatPeftWritesOfTheSameAdapter() throws IOException {
    JsonNode ours = JSON.readTree(new PeftConfig(OF_PEFT, "/models/base").text());
    JsonNode theirs = JSON.readTree(resource("peft-0.21.json").toFile());
    ours.properties()
        .forEach(key -> assertEquals(theirs.get(key.getKey()), key.getValue(), key.getKey()));
    for (String key : List.of("r", "lora_alpha", "target_modules", "rank_pattern", "peft_type")) {
      assertTrue(ours.has(key), key);
    }
  }

  static Stream<AdapterConfig> adapters() {
    return Stream.of(
        AdapterConfig.lora(1, 1, AdapterTarget.LM_HEAD),
        AdapterConfig.lora(16, 32.5).withDropout(0.1),
        AdapterConfig.lora(64, 16, List.of(AdapterTarget.values())).withRankStabilized(true),
        AdapterConfig.lora(8, 16)
            .withTarget(AdapterTarget.EMBED_TOKENS, 2, 4)
            .withTarget(AdapterTarget.K_PROJ, 3, 16),
        OF_PEFT);
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void whatIsWrittenIsReadAgain(AdapterConfig adapter) throws IOException {
    PeftConfig written = new PeftConfig(adapter, "../base");
    Path file = Files.writeString(folder.resolve("adapter_config.json"), written.text());
    assertEquals(written, PeftConfig.read(file));
  }

  static Stream<Arguments> refused() throws IOException {
    return Files.readAllLines(resource("refused/refused.tsv")).stream()
        .filter(line -> !line.startsWith("#") && !line.startsWith("file\t"))
        .map(line -> line.split("\t"))
        .map(cells -> Arguments.of(cells[0], cells[1]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatIsNoPlainAdapterIsRefusedByName(String file, String key) {
    Path path = resource("refused/" + file);
    ConfigException e = assertThrows(ConfigException.class, () -> PeftConfig.read(path));
    assertTrue(e.getMessage().startsWith(path + ": "), e::getMessage);
    assertTrue(e.faults().stream().anyMatch(fault -> fault.startsWith(key + " ")), e::getMessage);
  }

  private PeftConfig read(String key, String value) throws IOException {
    ObjectNode node = (ObjectNode) JSON.readTree(resource("peft-0.21.json").toFile());
    node.putObject("rank_pattern");
    node.putObject("alpha_pattern");
    node.set(key, JSON.readTree(value));
    Path file = Files.writeString(folder.resolve("adapter_config.json"), node.toString());
    return PeftConfig.read(file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "\"all-linear\"; q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "[\"self_attn.q_proj\", \"mlp.up_proj\"]; q_proj up_proj",
        "[\"embed_tokens\", \"lm_head\"]; embed_tokens lm_head",
        "[\"model.embed_tokens\"]; embed_tokens",
        "\".*\\\\.(q_proj|v_proj)\"; q_proj v_proj",
        "\".*\\\\.self_attn\\\\.(?:k_proj|o_proj)$\"; k_proj o_proj",
        "\".*down_proj\"; down_proj"
      })
  void targetsAreNamesOrEndsOfPaths(String modules, String targets) throws IOException {
    Set<AdapterTarget> found = read("target_modules", modules).adapter().sizes().keySet();
    assertEquals(
        targets, String.join(" ", found.stream().map(AdapterTarget::text).toList()), modules);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"q_proj|v_proj\"",
        "\".*q_proj|v_proj\"",
        "\".*layers\\\\.[0-3]\\\\..*q_proj\"",
        "\".*\\\\.lm_head\"",
        "[\"Wqkv\"]",
        "[\"layers.0.self_attn.q_proj\"]",
        "[\"mlp.q_proj\"]",
        "[]",
        "null",
        "7"
      })
  void otherTargetsAreRefused(String modules) {
    ConfigException e = assertThrows(ConfigException.class, () -> read("target_modules", modules));
    assertTrue(e.getMessage().contains("adapter_config.json: target_modules "), e::getMessage);
    assertTrue(e.getMessage().contains("down_proj"), e::getMessage);
  }

  @ParameterizedTest
  @CsvSource({
    "r, 0",
    "r, 2.5",
    "r, \"8\"",
    "lora_alpha, -1",
    "lora_alpha, true",
    "lora_dropout, 1",
    "use_rslora, \"yes\"",
    "base_model_name_or_path, 3"
  })
  void valuesThatCannotBeAreNamed(String key, String value) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(key, value));
    assertTrue(e.getMessage().contains("%s is %s, expected".formatted(key, value)), e::getMessage);
  }

  @Test
  void allFaultsAreToldTogether() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("adapter_config.json"),
            "{\"peft_type\": \"LORA\", \"r\": -1, \"use_dora\": true, \"target_modules\": \"x\"}");
    ConfigException e = assertThrows(ConfigException.class, () -> PeftConfig.read(file));
    assertEquals(3, e.faults().size(), e::getMessage);
  }

  @Test
  void ofAnotherKindTheKindIsTheFault() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("adapter_config.json"),
            "{\"peft_type\": \"IA3\", \"feedforward_modules\": [\"down_proj\"]}");
    ConfigException e = assertThrows(ConfigException.class, () -> PeftConfig.read(file));
    assertEquals(file + ": peft_type is \"IA3\", expected \"LORA\"", e.getMessage());
  }

  @Test
  void whatIsNoObjectIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("adapter_config.json"), "[]");
    ConfigException e = assertThrows(ConfigException.class, () -> PeftConfig.read(file));
    assertEquals(file + ": expected a JSON object", e.getMessage());
  }
}
