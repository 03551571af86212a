package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.sentencepiece.SpTokenizer;
import ai.dmt.SharedFiles;
import ai.dmt.data.Conversation;
import ai.dmt.data.ConversationReader;
import ai.dmt.data.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static void assertSame(
      Tokenizer tokenizer, TextPlace place, Function<String, int[]> library) {
    for (String text : texts()) {
      int[] expected = library.apply(text);
      assertArrayEquals(expected, tokenizer.encode(text, place), text);
      assertArrayEquals(expected, tokenizer.encode(text, place), () -> "from the cache: " + text);
    }
  }

  @Test
  void sentencePieceModelsGiveWhatSentencePieceGives() throws IOException {
    for (String file :
        List.of("tokenizer/llama_tokenizer.model", "weights/stories260K-hf/tokenizer.model")) {
      SpTokenizer library =
          new SpTokenizer(Files.readAllBytes(SharedFiles.require("data/" + file)));
      try (Tokenizer tokenizer = Tokenizer.open(SharedFiles.require("data/" + file))) {
        assertSame(tokenizer, TextPlace.ALONE, library.getProcessor()::encode);
      } finally {
        library.close();
      }
    }
  }

  /** The same vocabulary as transformers 4 and 5 use it. */
  @ParameterizedTest
  @CsvSource({"'', ''", "true, LlamaTokenizer", "false, LlamaTokenizer"})
  void tokenizerJson(String legacy, String tokenizerClass, @TempDir Path folder)
      throws IOException {
    Path file =
        Files.copy(
            SharedFiles.require("data/tokenizer/llama_tokenizer.json"),
            folder.resolve("tokenizer.json"));
    if (!legacy.isEmpty()) {
      Files.writeString(
          folder.resolve("tokenizer_config.json"),
          "{\"legacy\": %s, \"tokenizer_class\": \"%s\"}".formatted(legacy, tokenizerClass));
    }
    TokenizerLibrary.load();
    try (Tokenizer tokenizer = Tokenizer.open(file);
        SealedLibrary library = new SealedLibrary(FolderRules.resolve(file))) {
      assertSame(tokenizer, TextPlace.ALONE, library::encode);
      assertSame(
          tokenizer,
          new TextPlace(1, TextPlace.NOTHING),
          text -> library.encode(text, new TextPlace(1, -1), new BitSet()).ids());
      assertSameMarks(tokenizer, library);
    }
  }

  /** Words know which of their tokens are marked as the library does, on any border. */
  private static void assertSameMarks(Tokenizer tokenizer, SealedLibrary library) {
    Random random = new Random(8);
    for (String text : texts().subList(0, 1500)) {
      BitSet marked = new BitSet();
      int border = random.nextInt(text.length() + 1);
      marked.set(border, border + random.nextInt(text.length() - border + 1));
      for (TextPlace place : List.of(TextPlace.ALONE, new TextPlace(1, 2))) {
        MarkedIds expected = library.encode(text, place, marked);
        MarkedIds actual = tokenizer.encode(text, place, marked);
        assertArrayEquals(expected.ids(), actual.ids(), text);
        assertArrayEquals(expected.marked(), actual.marked(), () -> text + " " + marked);
      }
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
