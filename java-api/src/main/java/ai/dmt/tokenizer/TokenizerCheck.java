package ai.dmt.tokenizer;

import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Looks at a tokenizer.json before the native library does, which ends the whole process on some
 * files that it cannot use, and works without bounds on others.
 */
final class TokenizerCheck {
  /** Ids may leave so many out; models have some hundreds of such ids at most. */
  static final int MOST_UNUSED_IDS = 1 << 16;

  private static final int MOST_PARTS = 100; // of a normalizer, pre-tokenizer or decoder
  private static final int DEEPEST = 8;
  private static final int MOST_GROWTH = 256; // of a text, in bytes
  private static final int LONGEST_TEXT = 1024; // that is put into a text, in characters
  private static final int LONGEST_TOKEN = 1 << 16; // characters

  /** Kinds of parts, and the most by which they make a text longer. */
  private static final Map<String, Integer> NORMALIZERS =
      Map.of(
          "NFC",
          3,
          "NFD",
          3,
          "NFKC",
          3,
          "NFKD",
          3,
          "Lowercase",
          2,
          "Strip",
          1,
          "StripAccents",
          1,
          "Nmt",
          1,
          "ByteLevel",
          2,
          "Precompiled",
          4);

  private static final List<String> PRE_TOKENIZERS =
      List.of(
          "ByteLevel",
          "Metaspace",
          "Split",
          "Digits",
          "Punctuation",
          "Whitespace",
          "WhitespaceSplit",
          "CharDelimiterSplit",
          "UnicodeScripts",
          "BertPreTokenizer");

  private static final List<String> DECODERS =
      List.of("ByteLevel", "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace");

  private final String part;
  private int parts;
  private long growth = 1;

  private TokenizerCheck(String part) {
    this.part = part;
  }

  /**
   * Checks what stands around the model.
   *
   * @throws IllegalArgumentException if it is nothing that the library can use within bounds
   */
  static void check(ObjectNode tokenizer) {
    new TokenizerCheck("normalizer").walk(tokenizer.path("normalizer"), "normalizers", 1);
    new TokenizerCheck("pre_tokenizer").walk(tokenizer.path("pre_tokenizer"), "pretokenizers", 1);
    new TokenizerCheck("decoder").walk(tokenizer.path("decoder"), "decoders", 1);
  }

  private void walk(JsonNode node, String children, int depth) {
    if (node.isNull() || node.isMissingNode()) {
      return;
    }
    demand(node.isObject() && ++parts <= MOST_PARTS, "is no object, or has over 100 parts");
    demand(depth <= DEEPEST, "is more than 8 levels deep");
    String type = node.path("type").asText();
    if (type.equals("Sequence")) {
      demand(node.path(children).isArray(), "has a sequence without \"" + children + "\"");
      node.path(children).forEach(child -> walk(child, children, depth + 1));
      return;
    }
    switch (part) {
      case "normalizer" -> normalizer(node, type);
      case "pre_tokenizer" -> preTokenizer(node, type);
      default -> decoder(node, type);
    }
  }

  private void normalizer(JsonNode node, String type) {
    switch (type) {
      case "Prepend" -> demandShort(node.path("prepend"));
      case "Replace" -> replace(node);
      default -> {
        Integer growth = NORMALIZERS.get(type);
        demandKnown(growth != null, type);
        grow(Objects.requireNonNull(growth));
        if (type.equals("Precompiled")) {
          Charsmap.check(charsmap(node.path("precompiled_charsmap")));
        }
      }
    }
  }

  private byte[] charsmap(JsonNode node) {
    try {
      byte[] table = node.binaryValue();
      demand(table != null && table.length > 0, "has no precompiled_charsmap");
      return table;
    } catch (IOException e) {
      throw new IllegalArgumentException("its precompiled_charsmap is no base64", e);
    }
  }

  private void preTokenizer(JsonNode node, String type) {
    demandKnown(PRE_TOKENIZERS.contains(type), type);
    if (type.equals("Split")) {
      pattern(node.path("pattern"));
    }
    if (type.equals("Metaspace")) {
      demandOneCharacter(node.path("replacement"));
    }
  }

  private void decoder(JsonNode node, String type) {
    demandKnown(DECODERS.contains(type), type);
    switch (type) {
      case "Replace" -> replace(node);
      case "Metaspace" -> demandOneCharacter(node.path("replacement"));
      case "Strip" -> {
        demandOneCharacter(node.path("content"));
        demand(node.path("stop").asInt(0) == 0, "strips at the end, which is not supported");
        demand(node.path("start").asInt(0) <= LONGEST_TEXT, "strips too much");
      }
      default -> {}
    }
  }

  /** A pattern by a text, or by an expression that may match at each place of a text. */
  private void replace(JsonNode node) {
    JsonNode content = node.path("content");
    demandShort(content);
    int added = utf8(content);
    pattern(node.path("pattern"));
    JsonNode text = node.path("pattern").path("String");
    grow(text.isTextual() ? Math.max(1, (added + utf8(text) - 1) / utf8(text)) : 1 + added);
  }

  private void pattern(JsonNode pattern) {
    JsonNode text = pattern.path("String");
    if (text.isTextual()) {
      demandShort(text);
      demand(!text.textValue().isEmpty(), "has an empty pattern");
    } else {
      demand(pattern.path("Regex").isTextual(), "has a pattern that is neither String nor Regex");
      PatternCheck.check(pattern.path("Regex").textValue());
    }
  }

  private void grow(long factor) {
    growth *= factor;
    demand(
        growth <= MOST_GROWTH, "may make a text more than %s times longer".formatted(MOST_GROWTH));
  }

  private void demandShort(JsonNode text) {
    demand(
        text.isTextual() && text.textValue().length() <= LONGEST_TEXT,
        "puts in no text, or one of over %s characters".formatted(LONGEST_TEXT));
    demandUnicode(text.textValue());
  }

  private void demandOneCharacter(JsonNode text) {
    String value = text.asText();
    demand(
        text.isTextual() && value.codePointCount(0, value.length()) == 1,
        "has a text that is not of one character");
    demandUnicode(value);
  }

  private void demandKnown(boolean known, String type) {
    demand(known, "is of type \"%s\", which is not supported".formatted(Printable.value(type)));
  }

  private void demand(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException("its %s %s".formatted(part, otherwise));
    }
  }

  private static int utf8(JsonNode text) {
    return text.textValue().getBytes(StandardCharsets.UTF_8).length;
  }

  private static void demandUnicode(String text) {
    if (!TokenizerFiles.withoutLoneSurrogates(text).equals(text)) {
      throw new IllegalArgumentException(
          "it has the text \"%s\" with half a character".formatted(Printable.value(text)));
    }
  }

  /**
   * Ids of a model's tokens.
   *
   * @throws IllegalArgumentException if the model is none that can be used
   */
  static Map<String, Integer> vocabulary(JsonNode model) {
    String type = model.path("type").asText("BPE");
    JsonNode vocab = model.path("vocab");
    boolean pairs = type.equals("BPE") && vocab.isObject();
    if (!pairs && !(type.equals("Unigram") && vocab.isArray() && !vocab.isEmpty())) {
      throw new IllegalArgumentException(
          "its model is of type \"%s\", expected BPE or Unigram with a vocabulary"
              .formatted(Printable.value(type)));
    }
    Map<String, Integer> ids = pairs ? pairVocabulary(model) : unigramVocabulary(model);
    int most = ids.size() + MOST_UNUSED_IDS;
    ids.forEach(
        (token, id) -> {
          if (id < 0 || id >= most || token.length() > LONGEST_TOKEN) {
            throw new IllegalArgumentException(
                "its token \"%s\" has the id %s and %s characters; %s tokens may have ids below %s"
                    .formatted(Printable.value(token), id, token.length(), ids.size(), most));
          }
          demandUnicode(token);
        });
    return ids;
  }

  private static Map<String, Integer> pairVocabulary(JsonNode model) {
    if (model.path("dropout").asDouble(0) != 0) {
      throw new IllegalArgumentException(
          "its model has dropout %s, which makes ids of chance".formatted(model.path("dropout")));
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (!model.path(affix).asText("").isEmpty() && !model.path(affix).isNull()) {
        throw new IllegalArgumentException(
            "its model has a %s, which is not supported".formatted(affix));
      }
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    model
        .path("vocab")
        .properties()
        .forEach(
            token ->
                ids.put(
                    token.getKey(), token.getValue().isInt() ? token.getValue().intValue() : -1));
    checkMerges(model.path("merges"), ids);
    return ids;
  }

  /** The library says which merge is at fault, too, but without the file's words cut or escaped. */
  private static void checkMerges(JsonNode merges, Map<String, Integer> ids) {
    int number = 0;
    for (JsonNode merge : merges) {
      String left = Merges.parts(merge)[0];
      String right = Merges.parts(merge)[1];
      if (!ids.containsKey(left) || !ids.containsKey(right) || !ids.containsKey(left + right)) {
        throw new IllegalArgumentException(
            "its merge %s of \"%s\" and \"%s\" is of tokens that the vocabulary does not have"
                .formatted(number, Printable.value(left), Printable.value(right)));
      }
      number++;
    }
  }

  private static Map<String, Integer> unigramVocabulary(JsonNode model) {
    Map<String, Integer> ids = new HashMap<>();
    int id = 0;
    for (JsonNode token : model.path("vocab")) {
      boolean sound =
          token.path(0).isTextual()
              && !token.path(0).textValue().isEmpty()
              && token.path(1).isNumber()
              && Double.isFinite(token.path(1).doubleValue());
      if (!sound) {
        throw new IllegalArgumentException(
            "its token %s is no text with a finite score".formatted(id));
      }
      ids.put(token.path(0).textValue(), id++);
    }
    JsonNode unk = model.path("unk_id");
    if (!unk.isNull() && !(unk.isInt() && unk.intValue() >= 0 && unk.intValue() < id)) {
      throw new IllegalArgumentException(
          "its unk_id is %s, expected one of its %s tokens"
              .formatted(Printable.value(unk.toString()), id));
    }
    return ids;
  }
}
