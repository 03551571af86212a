package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes of every token, for decoding token by token and without a native call. */
final class TokenTable {
  /** A token that stands for one byte, as SentencePiece spells it. */
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");

  private static final byte[] NOTHING = {};

  private final byte[][] bytes; // by id, null for ids that no token has
  private final boolean byteLevel;
  private final boolean byteFallback;
  private final List<String[]> replacements = new ArrayList<>(); // text, by what

  private TokenTable(int size, JsonNode decoder) {
    this.bytes = new byte[size][];
    List<JsonNode> decoders = new ArrayList<>();
    flatten(decoder, decoders);
    this.byteLevel = decoders.stream().anyMatch(part -> isOf(part, "ByteLevel"));
    this.byteFallback = decoders.stream().anyMatch(part -> isOf(part, "ByteFallback"));
    for (JsonNode part : decoders) {
      if (isOf(part, "Replace") && part.at("/pattern/String").isTextual()) {
        replacements.add(
            new String[] {part.at("/pattern/String").textValue(), part.path("content").asText()});
      } else if (isOf(part, "Metaspace")) {
        replacements.add(new String[] {part.path("replacement").asText(), " "});
      }
    }
  }

  static TokenTable of(ResolvedTokenizer resolved) {
    int size = resolved.size();
    for (int id : resolved.added().tokens().keySet()) {
      size = Math.max(size, id + 1);
    }
    TokenTable table = new TokenTable(size, resolved.json().path("decoder"));
    resolved.vocabulary().forEach((token, id) -> table.bytes[id] = table.bytesOf(token));
    resolved
        .added()
        .tokens()
        .forEach(
            (id, token) ->
                table.bytes[id] = token.special() ? NOTHING : table.bytesOf(token.content()));
    return table;
  }

  private static void flatten(JsonNode decoder, List<JsonNode> into) {
    into.add(decoder);
    decoder.path("decoders").forEach(child -> flatten(child, into));
  }

  private static boolean isOf(JsonNode part, String type) {
    return part.path("type").asText().equals(type);
  }

  private byte[] bytesOf(String token) {
    if (byteLevel) {
      return ByteAlphabet.bytes(token);
    }
    Matcher matcher = BYTE.matcher(token);
    if (byteFallback && matcher.matches()) {
      return new byte[] {(byte) Integer.parseInt(matcher.group(1), 16)};
    }
    String text = token;
    for (String[] replacement : replacements) {
      text = text.replace(replacement[0], replacement[1]);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A text without the spaces in front of punctuation, as transformers takes them off. */
  static String cleanedUp(String text) {
    String clean = text;
    for (String mark : List.of(".", "?", "!", ",")) {
      clean = clean.replace(" " + mark, mark);
    }
    clean = clean.replace(" ' ", "'");
    for (String ending : List.of("n't", "'m", "'s", "'ve", "'re")) {
      clean = clean.replace(" " + ending, ending);
    }
    return clean;
  }

  /**
   * @throws IllegalArgumentException if a number is no id
   */
  static void demandId(int id) {
    if (id < 0) {
      throw new IllegalArgumentException("token id %s is below 0".formatted(id));
    }
  }

  byte[] bytes(int id) {
    demandId(id);
    return id >= bytes.length || bytes[id] == null ? NOTHING : bytes[id].clone();
  }
}
