package ai.dmt.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A {@link ByteTokenizer} with more control tokens, behind those for bytes; for tests of templates.
 * It can write a sample as a text in which control tokens are spelt out and what carries loss
 * stands in brackets.
 */
public final class MarkedTokenizer implements Tokenizer {
  private final ByteTokenizer bytes = new ByteTokenizer();
  private final Map<String, Integer> controls = new HashMap<>(bytes.controlTokens());

  /** Makes a tokenizer. */
  public MarkedTokenizer(List<String> controlTokens) {
    controlTokens.forEach(token -> controls.put(token, bytes.vocabSize() + controls.size()));
  }

  /** Text of tokens, control tokens spelt out, what carries loss in brackets. */
  public String marked(int[] ids, boolean[] loss) {
    StringBuilder text = new StringBuilder();
    boolean inside = false;
    for (int t = 0; t < ids.length; t++) {
      if (loss[t] != inside) {
        text.append(inside ? ']' : '[');
        inside = !inside;
      }
      int id = ids[t];
      text.append(
          controls.entrySet().stream()
              .filter(entry -> entry.getValue() == id)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElseGet(() -> bytes.decode(new int[] {id})));
    }
    return text.append(inside ? "]" : "").toString();
  }

  @Override
  public MarkedIds encode(String text, TextPlace place, BitSet marked) {
    return bytes.encode(text, place, marked);
  }

  @Override
  public String decode(int[] ids) {
    return bytes.decode(ids);
  }

  @Override
  public byte[] bytes(int id) {
    return id < bytes.vocabSize() ? bytes.bytes(id) : new byte[0];
  }

  @Override
  public int vocabSize() {
    return bytes.vocabSize() + controls.size();
  }

  @Override
  public int[] beginIds() {
    return bytes.beginIds();
  }

  @Override
  public int[] endIds() {
    return bytes.endIds();
  }

  @Override
  public OptionalInt bosId() {
    return bytes.bosId();
  }

  @Override
  public int eosId() {
    return bytes.eosId();
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return Map.copyOf(controls);
  }

  @Override
  public Map<String, String> namedTokens() {
    return bytes.namedTokens();
  }

  @Override
  public void close() {}
}
