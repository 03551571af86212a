package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.tokenizer.MarkedTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other programs are told of the built-in templates renders what training renders. */
class JinjaTextTest {
  private static final List<String> ONE_EXCHANGE = List.of("alpaca", "plain");

  private final MarkedTokenizer tokenizer =
      new MarkedTokenizer(
          List.of(
              "<|begin_of_text|>",
              "<|start_header_id|>",
              "<|end_header_id|>",
              "<|eot_id|>",
              "<|im_start|>",
              "<|im_end|>"));

  static Stream<String> trainable() {
    return ChatTemplate.names().stream().filter(name -> !name.equals(PromptTemplate.NAME));
  }

  private static List<Conversation> prompts(String name) {
    Turn plain = Turn.user("What's {{ 2 + 2 }}?\nAnd \"4\"?");
    Turn spaced = Turn.user("\u00a0 \u3000 a question\twith space around \u2028\u0085\n");
    if (ONE_EXCHANGE.contains(name)) {
      Turn indented = Turn.user("  x = 1");
      return List.of(Conversation.of(plain), Conversation.of(spaced), Conversation.of(indented));
    }
    return List.of(
        Conversation.of(plain),
        Conversation.of(spaced),
        Conversation.of(plain, Turn.assistant(" four. "), spaced),
        Conversation.of(new Turn(Role.SYSTEM, "Be brief, don't lie."), plain),
        Conversation.of(
            new Turn(Role.SYSTEM, " Be brief. "), plain, Turn.assistant("four"), spaced));
  }

  @ParameterizedTest
  @MethodSource("trainable")
  void promptIsThatOfTrainingIdForId(String name) {
    ChatTemplate template = ChatTemplate.byName(name);
    JinjaTemplate told = new JinjaTemplate(template.jinja(tokenizer).orElseThrow());
    for (Conversation prompt : prompts(name)) {
      assertArrayEquals(
          template.encodePrompt(prompt, tokenizer),
          told.encodePrompt(prompt, tokenizer),
          prompt::toString);
    }
  }

  static Stream<Path> folders() throws IOException {
    try (Stream<Path> folders =
        Files.list(Path.of("src/test/resources/ai/dmt/tokenizer/folders"))) {
      return folders.sorted().toList().stream();
    }
  }

  /** A begin token that is spelt out may change what the tokenizer does with the text behind it. */
  @ParameterizedTest
  @MethodSource("folders")
  void promptIsThatOfTrainingWithTokenizersAsPeopleHaveThem(Path folder) {
    try (Tokenizer real = Tokenizer.load(folder)) {
      for (String name : List.of("vicuna_v1.1", "llama-2-chat", "zephyr", "alpaca", "plain")) {
        ChatTemplate template = ChatTemplate.byName(name);
        JinjaTemplate told = new JinjaTemplate(template.jinja(real).orElseThrow());
        for (Conversation prompt : prompts(name)) {
          assertArrayEquals(
              template.encodePrompt(prompt, real),
              told.encodePrompt(prompt, real),
              () -> name + " " + prompt);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trainable")
  void conversationEndsAsInTraining(String name) {
    ChatTemplate template = ChatTemplate.byName(name);
    JinjaTemplate told = new JinjaTemplate(template.jinja(tokenizer).orElseThrow());
    Conversation whole = Conversation.of(Turn.user("2+2?"), Turn.assistant("four"));
    assertArrayEquals(
        template.encode(whole, tokenizer).tokenIds(), told.encode(whole, tokenizer).tokenIds());
  }

  @Test
  void whatATemplateCannotExpressIsRefusedThereToo() {
    JinjaTemplate alpaca =
        new JinjaTemplate(ChatTemplate.byName("alpaca").jinja(tokenizer).orElseThrow());
    Conversation system = Conversation.of(new Turn(Role.SYSTEM, "s"), Turn.user("q"));
    DataException e =
        assertThrows(DataException.class, () -> alpaca.encodePrompt(system, tokenizer));
    assertTrue(e.getMessage().contains("takes one question"), e::getMessage);
  }

  @Test
  void constantsKeepQuotesAndBackslashes() {
    assertEquals("'a\\'b\\\\c\\n'", JinjaText.quoted("a'b\\c\n"));
  }

  @Test
  void modelsOwnTemplateIsItsOwnText() {
    assertEquals("{{ 1 }}", new JinjaTemplate("{{ 1 }}").jinja(tokenizer).orElseThrow());
  }
}
