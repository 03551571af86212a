package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.sentencepiece.SpTokenizer;
import ai.dmt.SharedFiles;
import ai.dmt.data.Conversation;
import ai.dmt.data.ConversationReader;
import ai.dmt.data.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Words one by one give what the libraries give for a whole text. */
class WordCacheTest {
  private static final String[] PARTS = {
    " ",
    "  ",
    "\n",
    "\t",
    "a",
    "the",
    "\u2581",
    "\u00e9",
    "\u4e2d\u6587",
    "\ud83d\ude00",
    ".",
    "</s>",
    "<0x0A>",
    "return x",
    "   if",
    "1,000",
    "\u00a0",
    "\u3000",
    "'s",
    "\r\n"
  };

  private static List<String> texts() {
    List<String> texts =
        new ArrayList<>(List.of(" ", "  ", "a ", " a", "  a  b  ", "a\n b", "\n", " \n ", "a  "));
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(1 + random.nextInt(12), 0, PARTS.length).forEach(p -> text.append(PARTS[p]));
      texts.add(text.toString());
    }
    for (String file : List.of("sharegpt_v3_en_1k.jsonl", "sharegpt_zh_1k.jsonl")) {
      try (ConversationReader reader =
          ConversationReader.open(SharedFiles.require("data/general/" + file))) {
        for (int c = 0; c < 60; c++) {
          Conversation conversation = reader.next();
          conversation.turns().stream().map(Turn::text).forEach(texts::add);
        }
      }
    }
    return texts;
  }

  private static void assertSame(Tokenizer tokenizer, Function<String, int[]> library) {
    for (String text : texts()) {
      int[] expected = library.apply(text);
      assertArrayEquals(expected, tokenizer.encode(text), text);
      assertArrayEquals(expected, tokenizer.encode(text), () -> "from the cache: " + text);
    }
  }

  @Test
  void sentencePieceModels() throws IOException {
    for (String file :
        List.of("tokenizer/llama_tokenizer.model", "weights/stories260K-hf/tokenizer.model")) {
      byte[] bytes = Files.readAllBytes(SharedFiles.require("data/" + file));
      assertTrue(SentencePieceModel.parse(bytes).hasApartWords(), file);
      SpTokenizer library = new SpTokenizer(bytes);
      try (Tokenizer tokenizer = SentencePieceTokenizer.load(SharedFiles.require("data/" + file))) {
        assertSame(tokenizer, library.getProcessor()::encode);
      } finally {
        library.close();
      }
    }
  }

  @Test
  void tokenizerJson() throws IOException {
    Path file = SharedFiles.require("data/tokenizer/llama_tokenizer.json");
    TokenizerJson json = TokenizerJson.read(file);
    assertTrue(json.hasApartWords());
    DjlSettings.goOffline();
    try (Tokenizer tokenizer = JsonTokenizer.load(file);
        HuggingFaceTokenizer library =
            HuggingFaceTokenizer.newInstance(
                new java.io.ByteArrayInputStream(json.withoutControlTokens()),
                Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"))) {
      assertSame(
          tokenizer,
          text ->
              Arrays.stream(library.encode(text, false, false).getIds())
                  .mapToInt(id -> (int) id)
                  .toArray());
    }
  }

  @Test
  void vocabulariesWithSpacesInsideOfPiecesAreLeftAlone() {
    assertTrue(WordCache.appliesTo(List.of("\u2581", "\u2581a", "\u2581\u2581", "a", "")));
    assertFalse(WordCache.appliesTo(List.of("\u2581", "of\u2581the")));
    assertFalse(WordCache.appliesTo(List.of("\u2581a")));
  }

  @Test
  void knownWordsAreNotEncodedAgain() {
    AtomicInteger calls = new AtomicInteger();
    WordCache cache =
        new WordCache(
            text -> {
              calls.incrementAndGet();
              return IntStream.concat(IntStream.of(' '), text.chars()).toArray();
            },
            List.of("\u2581", "\u2581a", "\u2581b", "\u2581c", "\u2581\u4e2d", "\u4e2d\u6587"));
    assertEquals(" a b a  c ", text(cache.encode("a b a  c ")));
    assertEquals(3, calls.get());
    assertEquals(" a b", text(cache.encode("a b")));
    assertEquals(3, calls.get());
    assertEquals(" a\nb\nb", text(cache.encode("a\nb\nb"))); // "\nb"
    assertEquals(4, calls.get());
    assertEquals(" \u4e2d\u6587\u4e2d", text(cache.encode("\u4e2d\u6587\u4e2d"))); // is one word
    assertEquals(5, calls.get());
    assertEquals(" \u4e00\u4e00b", text(cache.encode("\u4e00\u4e00b"))); // the second with b
    assertEquals(7, calls.get());
  }

  private static String text(int[] characters) {
    return new String(characters, 0, characters.length);
  }
}
