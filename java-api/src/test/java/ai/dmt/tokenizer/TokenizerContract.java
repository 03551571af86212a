package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What both kinds of tokenizer do with LLaMA's vocabulary. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // loading takes half a second
abstract class TokenizerContract {
  private Tokenizer tokenizer;

  /** LLaMA's tokenizer; skips the test where its file is not there. */
  abstract Tokenizer loadLlama();

  @BeforeAll
  void load() {
    tokenizer = loadLlama();
  }

  @AfterAll
  void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }

  @Test
  void idsAndTextsAreThoseOfTheGoldenFile() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode golden = json.readTree(SharedFiles.require("golden/llama_tokenizer.json").toFile());
    assertEquals(30, golden.size());
    for (JsonNode expected : golden) {
      String text = expected.get("text").textValue();
      int[] ids = json.convertValue(expected.get("ids"), int[].class);
      assertArrayEquals(ids, tokenizer.encode(text), text);
      assertEquals(expected.get("decoded").textValue(), tokenizer.decode(ids), text);
    }
  }

  @Test
  void vocabularyIsLlamas() {
    assertEquals(32000, tokenizer.vocabSize());
    assertArrayEquals(new int[] {1}, tokenizer.beginIds());
    assertArrayEquals(new int[0], tokenizer.endIds());
    assertEquals(2, tokenizer.eosId());
  }

  @ParameterizedTest
  @ValueSource(strings = {"</s>", "<s>", "a</s>b", "<s><s>", "<unk>", " </s> ", "x\n</s>"})
  void textThatSpellsAControlTokenStaysText(String text) {
    int[] ids = tokenizer.encode(text);
    for (int id : ids) {
      assertTrue(id > 2, () -> "control token " + id + " in " + text);
    }
    assertEquals(text, tokenizer.decode(ids));
  }

  @Test
  void controlTokensDecodeToNothing() {
    int[] hello = tokenizer.encode("Hello");
    assertEquals("Hello", tokenizer.decode(new int[] {1, hello[0], 2}));
    assertEquals(0, tokenizer.bytes(tokenizer.eosId()).length);
  }

  @Test
  void emptyTextHasNoTokens() {
    assertEquals(0, tokenizer.encode("").length);
    assertEquals("", tokenizer.decode(new int[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000", "a\u0000b\u0000", "\u0000\u0000tail"})
  void nothingIsCutAtANulCharacter(String text) {
    assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
  }

  @Test
  void halvesOfCharactersBecomeReplacementCharacters() {
    assertArrayEquals(tokenizer.encode("a\ufffdb"), tokenizer.encode("a\ud83db"));
    assertArrayEquals(tokenizer.encode("\ufffd"), tokenizer.encode("\ude00"));
  }

  @Test
  void everyIncrementalTextIsAPrefixOfTheWhole() {
    String text = " 日本 混 \ud83d\udc69\u200d\ud83d\udc67 naïve \u0000 𝔘𝔫 end";
    int[] ids = tokenizer.encode(text);
    IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      streamed.append(decoder.add(id));
      assertTrue((" " + text).startsWith(streamed.toString()), streamed::toString);
    }
    assertEquals(" " + text, streamed + decoder.finish());
  }

  @Test
  void idsWithoutATokenGiveNothing() {
    assertEquals("", tokenizer.decode(new int[] {32000, 1 << 20}));
    assertEquals(0, tokenizer.bytes(32000).length);
  }

  @Test
  void numberThatIsNoIdIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {-1}));
    assertTrue(e.getMessage().contains("-1 is below 0"), e::getMessage);
  }

  @Test
  void closingTwiceIsHarmlessAndUseAfterwardsThrows() {
    Tokenizer closed = loadLlama();
    closed.close();
    closed.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> closed.encode("Hello"));
    assertTrue(e.getMessage().contains("llama_tokenizer"), e::getMessage);
  }
}
