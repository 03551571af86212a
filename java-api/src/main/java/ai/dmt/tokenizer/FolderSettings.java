package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the small files beside a tokenizer say of its tokens: tokenizer_config.json, and where that
 * lists no added tokens also special_tokens_map.json and added_tokens.json, as transformers 4 and
 * older versions wrote them.
 */
final class FolderSettings {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Uses of tokens that all classes know, in the order in which missing tokens are added. */
  private static final List<String> USES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final Path folder;
  private final JsonNode config; // tokenizer_config.json
  private JsonNode extra; // tokens without a use: an array, or missing
  private final Map<String, JsonNode> uses = new LinkedHashMap<>(); // a null node: none, by intent
  private final Map<Integer, AddedToken> declared = new TreeMap<>();

  /**
   * Reads a folder.
   *
   * @param tokenizer the tokenizer.json in it, or a missing node
   */
  FolderSettings(Path folder, JsonNode tokenizer) throws IOException {
    this.folder = folder;
    this.config = readIfThere("tokenizer_config.json");
    this.extra = extraTokens(config);
    config
        .properties()
        .forEach(
            field -> {
              if (isUse(field.getKey(), field.getValue())) {
                uses.put(field.getKey(), field.getValue());
              }
            });
    JsonNode named = config.path("extra_special_tokens");
    if (named.isObject()) {
      named.properties().forEach(field -> uses.put(field.getKey(), field.getValue()));
    }
    JsonNode decoder = config.path("added_tokens_decoder");
    if (decoder.isObject()) {
      decoder
          .properties()
          .forEach(field -> declared.put(id(field.getKey()), AddedToken.read(field.getValue())));
    } else {
      readOlderFiles(tokenizer);
    }
  }

  private static boolean isUse(String name, JsonNode value) {
    return USES.contains(name)
        || (name.endsWith("_token") && (value.isTextual() || value.has("__type")));
  }

  private static JsonNode extraTokens(JsonNode config) {
    JsonNode extra = config.path("extra_special_tokens");
    JsonNode older = config.path("additional_special_tokens");
    return older.isArray() && (extra.isEmpty() || extra.isMissingNode()) ? older : extra;
  }

  private void readOlderFiles(JsonNode tokenizer) throws IOException {
    JsonNode map = readIfThere("special_tokens_map.json");
    if (map.path("extra_special_tokens").isArray()) {
      extra = map.path("extra_special_tokens");
    }
    map.properties()
        .forEach(
            field -> {
              if (isUse(field.getKey(), field.getValue()) || field.getKey().endsWith("_token")) {
                uses.put(field.getKey(), field.getValue());
              }
            });
    List<String> special = new ArrayList<>();
    uses.values().forEach(token -> special.add(content(token)));
    extra.forEach(token -> special.add(content(token)));
    if (!extra.isArray()) {
      extra = map.path("additional_special_tokens"); // too late to make an added token special
    }
    JsonNode added = addedTokens();
    added
        .properties()
        .forEach(
            field -> {
              boolean control = special.contains(field.getKey());
              declared.put(
                  field.getValue().asInt(-1),
                  new AddedToken(field.getKey(), false, false, false, !control, control));
            });
    tokenizer
        .path("added_tokens")
        .forEach(token -> declared.put(token.path("id").asInt(-1), AddedToken.read(token)));
  }

  private static int id(String key) {
    try {
      return Integer.parseInt(key);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "added_tokens_decoder of tokenizer_config.json has the id \"%s\", expected a whole number"
              .formatted(key),
          e);
    }
  }

  private static String content(JsonNode token) {
    return token.isTextual() ? token.textValue() : token.path("content").asText();
  }

  private JsonNode readIfThere(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
  }

  /** The folder's added_tokens.json, or an empty object. */
  JsonNode addedTokens() throws IOException {
    return readIfThere("added_tokens.json");
  }

  /** Whether there is a tokenizer_config.json that says anything. */
  boolean isStated() {
    return !config.isEmpty();
  }

  JsonNode config() {
    return config;
  }

  /** The class by tokenizer_config.json, else by config.json. */
  TokenizerClass tokenizerClass() throws IOException {
    JsonNode name =
        config.hasNonNull("tokenizer_class")
            ? config.get("tokenizer_class")
            : readIfThere("config.json").path("tokenizer_class");
    return TokenizerClass.of(name.asText(""));
  }

  /** Added tokens by the ids that the files state. */
  Map<Integer, AddedToken> declared() {
    return declared;
  }

  boolean hasExtra() {
    return extra.isArray();
  }

  /** Control tokens that are named by no use. */
  List<AddedToken> extra() {
    List<AddedToken> tokens = new ArrayList<>();
    if (extra.isArray()) {
      extra.forEach(token -> tokens.add(token(token)));
    }
    return tokens;
  }

  /**
   * Tokens by their uses.
   *
   * @param otherwise spellings where the folder says nothing; a null value is no token
   */
  Map<String, AddedToken> named(Map<String, String> otherwise) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    otherwise.forEach((use, token) -> all.put(use, JSON.getNodeFactory().textNode(token)));
    all.putAll(uses);
    Map<String, AddedToken> named = new LinkedHashMap<>();
    USES.forEach(use -> put(named, use, all.remove(use)));
    all.forEach((use, token) -> put(named, use, token));
    return named;
  }

  private void put(Map<String, AddedToken> named, String use, JsonNode token) {
    if (token != null && !content(token).isEmpty() && !token.isNull()) {
      named.put(use, token(token).asSpecial());
    }
  }

  /** A token that is given by its text has the properties that it is declared with. */
  private AddedToken token(JsonNode token) {
    String content = content(token);
    return declared.values().stream()
        .filter(known -> known.content().equals(content))
        .findFirst()
        .orElseGet(() -> token.isObject() ? AddedToken.read(token) : AddedToken.special(content));
  }

  boolean adds(String use, boolean otherwise) {
    JsonNode flag = config.path("add_" + use);
    return flag.isMissingNode() ? otherwise : flag.asBoolean();
  }

  boolean saysWhatIsAdded() {
    return config.has("add_bos_token") || config.has("add_eos_token");
  }
}
