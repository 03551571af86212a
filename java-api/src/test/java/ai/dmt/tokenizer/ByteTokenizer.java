package ai.dmt.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A tokenizer for tests, shipped in the test-jar: id 3 + b for each byte b of the text in UTF-8.
 */
public final class ByteTokenizer implements Tokenizer {
  private static final int FIRST_BYTE = 3;

  @Override
  public MarkedIds encode(String text, TextPlace place, BitSet marked) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    boolean[] marks = new boolean[bytes.length];
    CharacterMarks characters = text.isEmpty() ? null : new CharacterMarks(text, marked);
    int character = -1;
    for (int i = 0; i < ids.length; i++) {
      ids[i] = FIRST_BYTE + (bytes[i] & 0xFF);
      character += (bytes[i] & 0xC0) == 0x80 ? 0 : 1;
      marks[i] = characters.any(character, character + 1);
    }
    return new MarkedIds(ids, marks);
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
