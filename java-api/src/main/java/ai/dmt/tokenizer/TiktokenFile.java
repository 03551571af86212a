package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code tokenizer.model} in tiktoken's form, as Meta ships LLaMA-3's: a token in base64 and its
 * rank on each line. It becomes a {@code tokenizer.json} as in transformers.
 */
final class TiktokenFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 4096; // bytes of a token; LLaMA-3's longest has 128

  private final Map<String, Integer> ranks = new HashMap<>(); // by bytes, as Latin-1

  private TiktokenFile() {}

  /** Whether a file's first line is of this form. */
  static boolean looksSo(byte[] file) {
    String head =
        new String(file, 0, Math.min(file.length, 2 * LONGEST), StandardCharsets.ISO_8859_1);
    return head.matches("(?s)[A-Za-z0-9+/]+=* [0-9]+\\r?\\n.*");
  }

  /**
   * Reads a file's bytes.
   *
   * @throws IllegalArgumentException if they are no such file
   */
  static TiktokenFile parse(byte[] file) {
    TiktokenFile tokens = new TiktokenFile();
    String[] lines = new String(file, StandardCharsets.ISO_8859_1).split("\r?\n");
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isEmpty()) {
        tokens.readLine(lines[i], i + 1);
      }
    }
    return tokens;
  }

  private void readLine(String line, int number) {
    String[] parts = line.split(" ");
    try {
      byte[] token = Base64.getDecoder().decode(parts[0]);
      int rank = Integer.parseInt(parts.length == 2 ? parts[1] : "");
      if (token.length > 0 && token.length <= LONGEST && rank >= 0) {
        ranks.put(new String(token, StandardCharsets.ISO_8859_1), rank);
        return;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "line %s is no token in base64 and its rank".formatted(number));
  }

  int size() {
    return ranks.size();
  }

  /** The model: tokens by rank, and every way to make one of two others. */
  ObjectNode model() {
    ObjectNode model = JSON.createObjectNode().put("type", "BPE");
    model.putNull("unk_token").put("fuse_unk", false).put("byte_fallback", false);
    model.put("ignore_merges", true);
    ObjectNode vocab = model.putObject("vocab");
    ArrayNode merges = model.putArray("merges");
    List<Map.Entry<String, Integer>> tokens = new ArrayList<>(ranks.entrySet());
    tokens.sort(Map.Entry.comparingByValue());
    for (Map.Entry<String, Integer> token : tokens) {
      vocab.put(ByteAlphabet.spell(token.getKey()), token.getValue());
      for (String left : leftParts(token.getKey())) {
        merges
            .addArray()
            .add(ByteAlphabet.spell(left))
            .add(ByteAlphabet.spell(token.getKey().substring(left.length())));
      }
    }
    return model;
  }

  private List<String> leftParts(String token) {
    List<String> parts = new ArrayList<>();
    for (int i = 1; i < token.length(); i++) {
      if (ranks.containsKey(token.substring(0, i)) && ranks.containsKey(token.substring(i))) {
        parts.add(token.substring(0, i));
      }
    }
    parts.sort(
        Comparator.<String>comparingInt(ranks::get)
            .thenComparingInt(left -> ranks.get(token.substring(left.length()))));
    return parts;
  }
}
