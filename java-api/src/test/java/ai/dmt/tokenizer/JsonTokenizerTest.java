package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class JsonTokenizerTest extends TokenizerContract {
  /** A byte-level vocabulary as LLaMA-3 has it, of a few tokens; U+0120 stands for a space. */
  private static final String BYTE_LEVEL =
      """
      {"version": "1.0", "truncation": null, "padding": null,
       "added_tokens": [
         {"id": 9, "content": "<|begin_of_text|>", "single_word": false, "lstrip": false,
          "rstrip": false, "normalized": false, "special": true},
         {"id": 10, "content": "<|end_of_text|>", "single_word": false, "lstrip": false,
          "rstrip": false, "normalized": false, "special": true}],
       "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                         "use_regex": true},
       "post_processor": null,
       "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
                   "use_regex": true},
       "model": {"type": "BPE", "dropout": null, "unk_token": null,
         "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
         "byte_fallback": false,
         "vocab": {"a": 0, "b": 1, "\u0120": 2, "\u0120a": 3, "\u00c3": 4, "\u00a9": 5, "<": 6,
                   "|": 7, ">": 8},
         "merges": ["\u0120 a"]}}
      """;

  @Override
  Tokenizer loadLlama() {
    return Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.json"));
  }

  private static Tokenizer byteLevel(Path folder) throws IOException {
    return Tokenizer.open(Files.writeString(folder.resolve("tokenizer.json"), BYTE_LEVEL));
  }

  @Test
  void byteLevelVocabularyAddsNoSpaceAndSplitsCharacters(@TempDir Path folder) throws IOException {
    try (Tokenizer tokenizer = byteLevel(folder)) {
      assertArrayEquals(new int[] {0, 3, 1, 4, 5}, tokenizer.encode("a ab\u00e9"));
      assertEquals(" ab\u00e9", tokenizer.decode(new int[] {3, 1, 4, 5}));
    }
  }

  @Test
  void endIsFoundByItsNameAndNothingIsPutInFront(@TempDir Path folder) throws IOException {
    try (Tokenizer tokenizer = byteLevel(folder)) {
      assertEquals(0, tokenizer.beginIds().length);
      assertEquals(10, tokenizer.eosId());
      assertEquals(11, tokenizer.vocabSize());
    }
  }

  @Test
  void tokenizerConfigSaysWhichTokensBeginAndEnd(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<|begin_of_text|>\"}, \"eos_token\": \"b\"}");
    try (Tokenizer tokenizer = byteLevel(folder)) {
      assertEquals(OptionalInt.of(9), tokenizer.bosId());
      assertEquals(1, tokenizer.eosId());
    }
  }

  @Test
  void fileThatIsNoTokenizerIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    for (String content :
        new String[] {"", "{", "[]", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}"}) {
      Files.writeString(file, content);
      TokenizerException e =
          assertThrows(TokenizerException.class, () -> Tokenizer.open(file), content);
      assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
      assertFalse(e.getMessage().contains("REDACTED"), e::getMessage);
    }
  }

  @Test
  void fileThatIsNotThereIsNamed(@TempDir Path folder) {
    TokenizerException e =
        assertThrows(TokenizerException.class, () -> Tokenizer.open(folder.resolve("none.json")));
    assertTrue(e.getMessage().contains("no such file"), e::getMessage);
  }
}
