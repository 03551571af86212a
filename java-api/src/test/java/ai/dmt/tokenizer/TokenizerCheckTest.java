package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends native code is refused before native code sees it. */
class TokenizerCheckTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDERS = Path.of("src/test/resources/ai/dmt/tokenizer/folders");

  private static ObjectNode llama3() throws IOException {
    return (ObjectNode) JSON.readTree(Files.readAllBytes(FOLDERS.resolve("llama3/tokenizer.json")));
  }

  private static void assertRefused(ObjectNode tokenizer, Path folder, String words)
      throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.write(file, JSON.writeValueAsBytes(tokenizer));
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.open(file));
    assertTrue(e.getMessage().contains(words), e::getMessage);
  }

  @ParameterizedTest
  @CsvSource({
    "26, may make a text more than 256 times longer",
    "200, may make a text more than 256 times longer"
  })
  void normalisersThatDoubleATextAreRefused(int count, String words, @TempDir Path folder)
      throws IOException {
    ObjectNode tokenizer = llama3();
    ObjectNode normalizer = tokenizer.putObject("normalizer").put("type", "Sequence");
    ArrayNode all = normalizer.putArray("normalizers");
    for (int i = 0; i < count; i++) {
      all.addObject()
          .put("type", "Replace")
          .put("content", "aa")
          .putObject("pattern")
          .put("String", "a");
    }
    assertRefused(tokenizer, folder, words);
  }

  @Test
  void partsThatAreNestedDeepAreRefused(@TempDir Path folder) throws IOException {
    ObjectNode tokenizer = llama3();
    ObjectNode node = tokenizer.putObject("pre_tokenizer");
    for (int depth = 0; depth < 9; depth++) {
      node = node.put("type", "Sequence").putArray("pretokenizers").addObject();
    }
    node.put("type", "Digits");
    assertRefused(tokenizer, folder, "its pre_tokenizer is more than 8 levels deep");
  }

  @Test
  void kindThatIsUnknownIsNamedWithoutWhatATerminalObeys(@TempDir Path folder) throws IOException {
    ObjectNode tokenizer = llama3();
    tokenizer.putObject("normalizer").put("type", "x\u001b[31m" + "y".repeat(100_000));
    assertRefused(tokenizer, folder, "its normalizer is of type \"x\\x1b[31myyy");
  }

  @Test
  void mergeOfTokensThatAreMissingIsNamed(@TempDir Path folder) throws IOException {
    ObjectNode tokenizer = llama3();
    ((ObjectNode) tokenizer.get("model")).putArray("merges").add("a zzz");
    assertRefused(tokenizer, folder, "its merge 0 of \"a\" and \"zzz\"");
  }

  @Test
  void idsThatLeaveOutMoreThanAFewAreRefused(@TempDir Path folder) throws IOException {
    ObjectNode tokenizer = llama3();
    ((ObjectNode) tokenizer.at("/model/vocab")).put("zzz", 2_000_000_000);
    assertRefused(tokenizer, folder, "its token \"zzz\" has the id 2000000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(a+)+b", "(a*)*", "((a|b)+c?)*", "(?:x+y)+", "(a)\\1", "a{1,2000}", "(.*x){9,}"})
  void patternsThatBacktrackWithoutBoundAreRefused(String pattern) {
    assertThrows(IllegalArgumentException.class, () -> PatternCheck.check(pattern));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}",
        " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}]*[\\p{Ll}\\p{Lm}]+(?i:'s|'t)?|\\p{N}{1,3}",
        " ?[^(\\s|[.,!?\\u2026\\u3002\\uff0c\\u3001])]+",
        "[\\u4e00-\\u9fa5]+|[\\u3040-\\u309f]+",
        " {2,}",
        "\\p{N}"
      })
  void patternsInUseAreTaken(String pattern) {
    assertDoesNotThrow(() -> PatternCheck.check(pattern));
  }

  /** A tokenizer.model with the table given as its normaliser's. */
  private static byte[] withTable(byte[] table) throws IOException {
    byte[] model = Files.readAllBytes(FOLDERS.resolve("llama2-both/tokenizer.model"));
    ByteBuffer file = ByteBuffer.allocate(model.length + table.length + 16).put(model);
    ByteBuffer spec = ByteBuffer.allocate(table.length + 6).put((byte) 0x12); // field 2
    putLength(spec, table.length);
    spec.put(table).flip();
    file.put((byte) 0x1A); // field 3, once more
    putLength(file, spec.remaining());
    byte[] whole = new byte[file.put(spec).flip().remaining()];
    file.get(whole);
    return whole;
  }

  private static void putLength(ByteBuffer into, int length) {
    int rest = length;
    for (; rest > 0x7F; rest >>>= 7) {
      into.put((byte) (rest & 0x7F | 0x80));
    }
    into.put((byte) rest);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 8, 1024, 100_000})
  void garbageInTheTableOfCharactersIsRefused(int length, @TempDir Path folder) throws IOException {
    byte[] table = new byte[length];
    new Random(length).nextBytes(table);
    if (length >= 8) {
      ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(length - 4);
    }
    Path file = Files.write(folder.resolve("tokenizer.model"), withTable(table));
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.open(file));
    assertTrue(e.getMessage().contains("its table of characters is broken"), e::getMessage);
  }

  @Test
  void tableInUseIsTaken() throws IOException {
    byte[] model = Files.readAllBytes(FOLDERS.resolve("characters-replaced/tokenizer.model"));
    assertDoesNotThrow(() -> SentencePieceFile.parse(model));
  }
}
