package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A tokenizer.json for tests that need one of the real library: 258 tokens. */
public final class ByteLevelFile {
  private ByteLevelFile() {}

  /** A tokenizer whose tokens are the 256 bytes, in GPT-2's alphabet, and begin and end. */
  public static String text() throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      vocabulary.put(Character.toString(printable ? b : next++), b);
    }
    Map<String, Object> byteLevel =
        Map.of(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            true,
            "use_regex",
            true);
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", List.of(control(256, "<s>"), control(257, "</s>")));
    tokenizer.put("pre_tokenizer", byteLevel);
    tokenizer.put("decoder", byteLevel);
    tokenizer.put("model", Map.of("type", "BPE", "vocab", vocabulary, "merges", List.of()));
    return new ObjectMapper().writeValueAsString(tokenizer);
  }

  private static Map<String, Object> control(int id, String content) {
    return Map.of(
        "id", id,
        "content", content,
        "single_word", false,
        "lstrip", false,
        "rstrip", false,
        "normalized", false,
        "special", true);
  }
}
