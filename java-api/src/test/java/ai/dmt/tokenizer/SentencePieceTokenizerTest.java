package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceTokenizerTest extends TokenizerContract {
  @Override
  Tokenizer loadLlama() {
    return Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.model"));
  }

  @Test
  void smallVocabularyOfStoriesGivesThePublishedIds() {
    Path model = SharedFiles.require("data/weights/stories260K-hf");
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      assertEquals(512, tokenizer.vocabSize());
      assertArrayEquals(new int[] {403, 407, 261, 378}, tokenizer.encode("Once upon a time"));
      assertEquals("café \n{}", tokenizer.decode(tokenizer.encode("café \n{}")));
    }
  }

  @Test
  void fileThatIsNoModelIsNamed(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("tokenizer.model"), "version https://git-lfs");
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.open(text));
    assertTrue(e.getMessage().startsWith(text.toString()), e::getMessage);
  }

  @Test
  void truncatedFileIsRefused(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(SharedFiles.require("data/tokenizer/llama_tokenizer.model"));
    for (int length : new int[] {0, 1, 1000, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.model"), Arrays.copyOf(whole, length));
      assertThrows(TokenizerException.class, () -> Tokenizer.open(cut), length + " bytes");
    }
  }

  @Test
  void folderWithoutATokenizerSaysWhatIsLookedFor(@TempDir Path folder) {
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    assertTrue(e.getMessage().contains("tokenizer.model"), e::getMessage);
    assertTrue(e.getMessage().contains("tokenizer.json"), e::getMessage);
  }
}
