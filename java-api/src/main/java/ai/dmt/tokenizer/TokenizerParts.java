package ai.dmt.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Parts of a tokenizer.json that are made here, not read. */
final class TokenizerParts {
  static final String END_OF_TEXT = "<|endoftext|>";

  /** Decoders of SentencePiece's vocabularies. */
  static final String PIECES =
      """
      {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
      {"type": "ByteFallback"}, {"type": "Fuse"}\
      """;

  /** One more for those that put a space in front. */
  static final String STRIP =
      """
      , {"type": "Strip", "content": " ", "start": 1, "stop": 0}\
      """;

  static final String NFC = "{\"type\": \"NFC\"}";

  static final String BYTE_LEVEL = byteLevel(false, true);

  /** How LLaMA-3 divides a text into words, three digits at a time. */
  static final String LLAMA3_WORDS = words("\\p{N}{1,3}");

  /** The same, digit by digit. */
  static final String QWEN2_WORDS = words("\\p{N}");

  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenizerParts() {}

  private static String words(String digits) {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + digits
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  /** A mark for each space. @param scheme whether one is put in front: always, first or never */
  static String metaspace(String scheme) {
    return """
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "%s", "split": false}\
    """
        .formatted(scheme);
  }

  static String byteLevel(boolean addPrefixSpace, boolean useRegex) {
    return """
    {"type": "ByteLevel", "add_prefix_space": %s, "trim_offsets": true, "use_regex": %s}\
    """
        .formatted(addPrefixSpace, useRegex);
  }

  /** Words by a pattern, then bytes. */
  static String wordsOf(String pattern, boolean addPrefixSpace) {
    return """
    {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": %s}, "behavior": "Isolated", "invert": false},
      %s]}\
    """
        .formatted(JSON.getNodeFactory().textNode(pattern), byteLevel(addPrefixSpace, false));
  }

  /** Sets what stands around the model. @param decoder one, or several with commas between */
  static void set(ObjectNode tokenizer, String normalizer, String preTokenizer, String decoder) {
    try {
      tokenizer.set("normalizer", JSON.readTree(normalizer));
      tokenizer.set("pre_tokenizer", JSON.readTree(preTokenizer));
      JsonNode decoders = JSON.readTree("[" + decoder + "]");
      tokenizer.set(
          "decoder", JSON.createObjectNode().put("type", "Sequence").set("decoders", decoders));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("parts that are made here are well-formed", e);
    }
  }
}
