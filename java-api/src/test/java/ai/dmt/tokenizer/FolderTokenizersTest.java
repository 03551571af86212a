package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.JinjaTemplate;
import ai.dmt.data.Role;
import ai.dmt.data.TemplateNames;
import ai.dmt.data.Turn;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ids of folders as people have them are those of transformers; scripts/compare_tokenizers.py wrote
 * the folders and the expected ids.
 */
@Tag("jackson")
class FolderTokenizersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDERS = Path.of("src/test/resources/ai/dmt/tokenizer/folders");

  static List<String> folders() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDERS)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return JSON.readTree(Files.readAllBytes(file));
  }

  private static int[] ids(JsonNode node) {
    return JSON.convertValue(node, int[].class);
  }

  private static Turn turn(JsonNode message) {
    Role role = Role.valueOf(message.get("role").textValue().toUpperCase(Locale.ROOT));
    return new Turn(role, message.get("content").textValue());
  }

  @ParameterizedTest
  @MethodSource("folders")
  void idsAndTextsAreThoseOfTransformers(String name) throws IOException {
    Path folder = FOLDERS.resolve(name);
    JsonNode expected = json(folder.resolve("expected.json"));
    assertTrue(expected.get("texts").size() >= 30, name);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatTemplate none = ChatTemplate.byName("none");
      for (JsonNode text : expected.get("texts")) {
        Conversation prompt = Conversation.of(Turn.user(text.get(0).textValue()));
        assertArrayEquals(ids(text.get(1)), none.encodePrompt(prompt, tokenizer), text::toString);
      }
      for (JsonNode text : expected.get("decoded")) {
        assertEquals(text.get(0).textValue(), tokenizer.decode(ids(text.get(1))), text::toString);
      }
      for (JsonNode chat : expected.get("chats")) {
        ChatTemplate template = TemplateNames.find(TemplateNames.CHAT_TEMPLATE, folder);
        Turn[] turns =
            StreamSupport.stream(chat.get(0).spliterator(), false)
                .map(FolderTokenizersTest::turn)
                .toArray(Turn[]::new);
        int[] got = template.encodePrompt(Conversation.of(turns), tokenizer);
        assertArrayEquals(ids(chat.get(1)), got, chat::toString);
      }
    }
  }

  /**
   * Pieces join over the borders of answers as they do in transformers, and so do the marks of what
   * carries loss: the right values are those of {@code apply_chat_template} with {@code
   * return_assistant_tokens_mask}.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unigram-json|270 361 0 289 353 274 461 415 361 458 457 0 463 267 267 359 265 360 265 0 339 316 0"
            + " 459 267 465 361 0 351 311 0 463 267 267 359 265 360 265 0 274 0 265 464 463 265 0"
            + "|0000000000000000000011100000000000000000111111",
        "llama2-model|317 444 61 302 263 260 285 449 450 13 441 445 445 278 439 288 439 61 294 399 13 448"
            + " 273 444 61 260 423 376 13 441 445 445 278 439 288 439 61 436 13 63 439 279 65 13"
            + "|00000000000000000011100000000000000000111111",
        "llama3|84 270 81 25 304 260 257 283 75 67 198 64 82 82 276 83 286 83 25 292 220 66 286 198 84 270"
            + " 81 25 257 284 71 220 382 198 64 82 82 276 83 286 83 25 220 198 27 83 275 29 198"
            + "|0000000000000000000111110000000000000000000111111",
        "yi-like|84 270 81 25 304 260 257 283 447 198 64 469 276 472 83 25 292 407 198 84 270 81 25 454"
            + " 220 382 198 64 469 276 472 83 25 220 198 27 83 275 29 198"
            + "|0000000000000000111000000000000000111111"
      })
  void piecesJoinOverTheBordersOfAnswers(String name, String ids, String loss) {
    JinjaTemplate template =
        new JinjaTemplate(
            "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}");
    Turn[] turns = {
      Turn.user("in the world"),
      Turn.assistant("you can"),
      Turn.user("with 42"),
      Turn.assistant("\n<that>")
    };
    try (Tokenizer tokenizer = Tokenizer.load(FOLDERS.resolve(name))) {
      EncodedSample sample = template.encode(Conversation.of(turns), tokenizer);
      String spaced = Arrays.toString(sample.tokenIds()).replaceAll("[\\[\\],]", "");
      assertEquals(ids, spaced);
      StringBuilder marks = new StringBuilder();
      for (boolean carries : sample.carriesLoss()) {
        marks.append(carries ? '1' : '0');
      }
      assertEquals(loss, marks.toString());
      Conversation asked = Conversation.of(Arrays.copyOf(turns, 3));
      int[] prompt = template.encodePrompt(asked, tokenizer);
      String begin = Arrays.toString(prompt).replaceAll("[\\[\\],]", "");
      assertTrue(ids.startsWith(begin + " "), begin);
      assertEquals('1', loss.charAt(prompt.length));
    }
  }

  @Test
  void firstTokenOfATextWithoutABeginTokenCarriesNoLoss() {
    try (Tokenizer tokenizer = Tokenizer.load(FOLDERS.resolve("falcon3"))) {
      assertEquals(0, tokenizer.beginIds().length);
      Conversation text = Conversation.of(Turn.assistant("in the world"));
      EncodedSample sample = ChatTemplate.byName("plain").encode(text, tokenizer);
      assertEquals(sample.tokenIds().length - 1, sample.labelTokens());
    }
  }

  private static Path copy(String name, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(FOLDERS.resolve(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return folder;
  }

  @Test
  void textThatSpellsAControlTokenHasNoneOfItsIds(@TempDir Path folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(copy("unigram-json", folder))) {
      int eos = tokenizer.eosId();
      for (int id : tokenizer.encode("a</s>b")) {
        assertFalse(id == eos, "the end token was read out of text");
      }
    }
  }

  @Test
  void filesThatDisagreeAreNamed(@TempDir Path folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(copy("chatml-added", folder))) {
      assertEquals(1, tokenizer.notes().size());
      assertTrue(tokenizer.notes().get(0).contains("tokenizer.model beside it has"));
    }
    ObjectNode added = (ObjectNode) json(folder.resolve("added_tokens.json"));
    Files.writeString(folder.resolve("added_tokens.json"), added.put("[PAD]", 7).toString());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertEquals(2, tokenizer.notes().size());
      assertTrue(tokenizer.notes().get(1).contains("gives \"[PAD]\" the id 7, not "));
    }
  }

  /** The right texts are those of clean_up_tokenization in transformers 5.18. */
  @Test
  void spacesInFrontOfPunctuationGoWhereTheFolderSaysSo() {
    assertEquals("He's, it's? do n't yes.", TokenTable.cleanedUp("He 's , it ' s ? do  n't yes ."));
  }

  @Test
  void filesThatAgreeNeedNoWord() {
    try (Tokenizer tokenizer = Tokenizer.load(FOLDERS.resolve("llama2-both"))) {
      assertEquals(List.of(), tokenizer.notes());
    }
  }

  @Test
  void tokenizerThatIsLargerThanTheModelNamesBoth(@TempDir Path folder) throws IOException {
    copy("llama3", folder);
    Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 100}");
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    assertTrue(e.getMessage().contains("config.json has vocab_size 100"), e::getMessage);
    assertTrue(e.getMessage().contains("tokenizer.json has "), e::getMessage);
  }

  @Test
  void classOfAnotherKindOfModelIsRefused(@TempDir Path folder) throws IOException {
    copy("llama3", folder);
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"T5TokenizerFast\"}");
    TokenizerException e = assertThrows(TokenizerException.class, () -> Tokenizer.load(folder));
    assertTrue(e.getMessage().contains("tokenizer_class T5TokenizerFast"), e::getMessage);
  }
}
