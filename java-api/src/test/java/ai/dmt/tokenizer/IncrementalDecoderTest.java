package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class IncrementalDecoderTest {
  private final IncrementalDecoder decoder = new IncrementalDecoder(new ByteTokenizer());

  private String add(int... bytes) {
    StringBuilder text = new StringBuilder();
    for (int b : bytes) {
      text.append(decoder.add(3 + b));
    }
    return text.toString();
  }

  @Test
  void characterAppearsWithItsLastByte() {
    assertEquals("", add(0xF0, 0x9F, 0x98));
    assertEquals("\ud83d\ude00", add(0x80));
    assertEquals("", decoder.finish());
  }

  @Test
  void brokenCharacterBecomesAReplacementOnceItIsSureToBeBroken() {
    assertEquals("", add(0xE6, 0x97));
    assertEquals("\ufffda", add('a'));
    assertEquals("\ufffd", add(0xFF));
  }

  @Test
  void incompleteCharacterAtTheEndBecomesAReplacement() {
    assertEquals("x", add('x', 0xE6));
    assertEquals("\ufffd", decoder.finish());
    assertEquals("y", add('y'));
    assertEquals("", decoder.finish());
  }

  @Test
  void controlTokensGiveNothing() {
    assertEquals("", decoder.add(1));
    assertEquals("", add(0xC3));
    assertEquals("", decoder.add(2));
    assertEquals("\u00e9", add(0xA9));
  }
}
