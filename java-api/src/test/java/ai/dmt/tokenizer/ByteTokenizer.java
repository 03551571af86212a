package ai.dmt.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tokenizer for tests, shipped in the test-jar: id 3 + b for each byte b of the text in UTF-8.
 */
public final class ByteTokenizer implements Tokenizer {
  private static final int FIRST_BYTE = 3;

  @Override
  public int[] encode(String text, TextPlace place) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = FIRST_BYTE + (bytes[i] & 0xFF);
    }
    return ids;
  }

  @Override
  public String decode(int[] ids) {
    StringBuilder text = new StringBuilder();
    IncrementalDecoder decoder = new IncrementalDecoder(this);
    for (int id : ids) {
      text.append(decoder.add(id));
    }
    return text.append(decoder.finish()).toString();
  }

  @Override
  public byte[] bytes(int id) {
    return id < FIRST_BYTE ? new byte[0] : new byte[] {(byte) (id - FIRST_BYTE)};
  }

  @Override
  public int vocabSize() {
    return FIRST_BYTE + 256;
  }

  @Override
  public int[] beginIds() {
    return new int[] {1};
  }

  @Override
  public int[] endIds() {
    return new int[0];
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.of(1);
  }

  @Override
  public int eosId() {
    return 2;
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return Map.of("<s>", 1, "</s>", eosId());
  }

  @Override
  public Map<String, String> namedTokens() {
    return Map.of("bos_token", "<s>", "eos_token", "</s>");
  }

  @Override
  public void close() {}
}
