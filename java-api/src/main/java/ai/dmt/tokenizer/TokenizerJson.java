package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The parts of a {@code tokenizer.json} that the library does not tell. */
final class TokenizerJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Stands for a space in the tokens of byte-level vocabularies. */
  private static final char BYTE_LEVEL_SPACE = '\u0120';

  private final ObjectNode root;
  private final boolean byteLevel;

  private TokenizerJson(ObjectNode root) {
    this.root = root;
    JsonNode model = root.path("model");
    if (!model.path("type").asText("BPE").equals("BPE") || !model.path("vocab").isObject()) {
      throw new IllegalArgumentException(
          "its model is of type \"%s\", expected BPE with a vocabulary"
              .formatted(model.path("type").asText()));
    }
    this.byteLevel = root.path("decoder").toString().contains("\"ByteLevel\"");
  }

  static TokenizerJson read(Path file) throws IOException {
    if (!(JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode root)) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    return new TokenizerJson(root);
  }

  /**
   * The file without control tokens, and without begin and end around texts: the library would read
   * control tokens out of text that spells them.
   */
  byte[] withoutControlTokens() throws IOException {
    ObjectNode copy = root.deepCopy();
    ArrayNode kept = copy.putArray("added_tokens");
    for (JsonNode token : root.path("added_tokens")) {
      if (!token.path("special").asBoolean()) {
        kept.add(token);
      }
    }
    copy.putNull("post_processor");
    copy.putNull("truncation");
    copy.putNull("padding");
    return JSON.writeValueAsBytes(copy);
  }

  /** Control tokens and their ids. */
  Map<String, Integer> controlTokens() {
    Map<String, Integer> controls = new HashMap<>();
    for (JsonNode added : root.path("added_tokens")) {
      if (added.path("special").asBoolean()) {
        controls.put(added.path("content").asText(), added.path("id").intValue());
      }
    }
    return Map.copyOf(controls);
  }

  /** Id of a token, control tokens included. */
  OptionalInt id(String token) {
    for (JsonNode added : root.path("added_tokens")) {
      if (added.path("content").asText().equals(token)) {
        return OptionalInt.of(added.path("id").intValue());
      }
    }
    JsonNode id = root.path("model").path("vocab").path(token);
    return id.isInt() ? OptionalInt.of(id.intValue()) : OptionalInt.empty();
  }

  boolean isPrefixSpace(String token) {
    return token.startsWith(byteLevel ? String.valueOf(BYTE_LEVEL_SPACE) : "\u2581");
  }

  /** Whether words can be encoded apart, see [Note: words] in {@link WordCache}. */
  boolean hasApartWords() {
    JsonNode model = root.path("model");
    JsonNode normalizers = root.path("normalizer").path("normalizers");
    boolean spacesOnly =
        normalizers.size() == 2
            && normalizers.path(0).path("prepend").asText().equals("\u2581")
            && normalizers.path(1).at("/pattern/String").asText().equals(" ")
            && normalizers.path(1).path("content").asText().equals("\u2581");
    boolean addsTokens = false;
    for (JsonNode added : root.path("added_tokens")) {
      addsTokens |= !added.path("special").asBoolean(); // those are found anywhere in a text
    }
    return spacesOnly
        && !addsTokens
        && root.path("pre_tokenizer").isNull()
        && model.path("dropout").isNull()
        && !model.path("ignore_merges").asBoolean()
        && model.path("byte_fallback").asBoolean() // unknown characters do not occur
        && WordCache.appliesTo(pieces());
  }

  /** Texts of the tokens, those that were added aside. */
  Set<String> pieces() {
    Set<String> pieces = new HashSet<>();
    root.path("model").path("vocab").fieldNames().forEachRemaining(pieces::add);
    return pieces;
  }

  TokenTable table(boolean stripsPrefixSpace) {
    Map<Integer, byte[]> tokens = new HashMap<>();
    Map<Integer, Byte> byteLevelBytes = byteLevelBytes();
    root.path("model")
        .path("vocab")
        .properties()
        .forEach(
            entry ->
                tokens.put(entry.getValue().intValue(), bytes(entry.getKey(), byteLevelBytes)));
    for (JsonNode added : root.path("added_tokens")) {
      tokens.put(
          added.path("id").intValue(),
          added.path("special").asBoolean()
              ? TokenTable.nothing()
              : added.path("content").asText().getBytes(StandardCharsets.UTF_8));
    }
    int size = tokens.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    byte[][] table = new byte[size][];
    Arrays.fill(table, TokenTable.nothing()); // ids that no token has
    tokens.forEach((id, bytes) -> table[id] = bytes);
    return new TokenTable(table, stripsPrefixSpace);
  }

  private byte[] bytes(String token, Map<Integer, Byte> byteLevelBytes) {
    if (!byteLevel) {
      byte[] single = TokenTable.byteFallback(token);
      return single != null ? single : TokenTable.piece(token);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    token
        .codePoints()
        .forEach(
            c -> {
              Byte single = byteLevelBytes.get(c);
              bytes.writeBytes(
                  single != null
                      ? new byte[] {single}
                      : Character.toString(c).getBytes(StandardCharsets.UTF_8));
            });
    return bytes.toByteArray();
  }

  /**
   * GPT-2's alphabet: printable bytes stand for themselves, the others for U+0100 and what follows.
   */
  private static Map<Integer, Byte> byteLevelBytes() {
    Map<Integer, Byte> bytes = new HashMap<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      bytes.put(printable ? b : next++, (byte) b);
    }
    return bytes;
  }
}
