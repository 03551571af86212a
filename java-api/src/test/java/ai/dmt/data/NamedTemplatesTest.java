package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.ByteTokenizer;
import ai.dmt.tokenizer.MarkedTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layout and loss of every template; what carries loss stands in brackets. */
class NamedTemplatesTest {
  private static final Conversation TWO_ROUNDS =
      Conversation.of(
          new Turn(Role.SYSTEM, "S"),
          Turn.user("Hi"),
          Turn.assistant("Yo"),
          Turn.user("2+2?"),
          Turn.assistant("4"));

  private final MarkedTokenizer tokenizer =
      new MarkedTokenizer(
          List.of(
              "<|begin_of_text|>",
              "<|start_header_id|>",
              "<|end_header_id|>",
              "<|eot_id|>",
              "<|im_start|>",
              "<|im_end|>"));

  private String marked(String template, Conversation conversation) {
    EncodedSample sample = ChatTemplate.byName(template).encode(conversation, tokenizer);
    return tokenizer.marked(sample.tokenIds(), sample.carriesLoss());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "vicuna_v1.1, '<s>S USER: Hi ASSISTANT:[ Yo</s>]USER: 2+2? ASSISTANT:[ 4</s>]'",
    "llama-2-chat, '<s>[INST] <<SYS>>~S~<</SYS>>~~Hi [/INST][ Yo </s>]<s>[INST] 2+2? [/INST][ 4"
        + " </s>]'",
    "llama-3, '<|begin_of_text|><|start_header_id|>system<|end_header_id|>~~S<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>~~Hi<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>~~[Yo<|eot_id|>]"
        + "<|start_header_id|>user<|end_header_id|>~~2+2?<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>~~[4<|eot_id|>]'",
    "chatml, '<|im_start|>system~S<|im_end|>~<|im_start|>user~Hi<|im_end|>~"
        + "<|im_start|>assistant~[Yo<|im_end|>]~<|im_start|>user~2+2?<|im_end|>~"
        + "<|im_start|>assistant~[4<|im_end|>]~'",
    "zephyr, '<s><|system|>~S</s>~<|user|>~Hi</s>~<|assistant|>~[Yo</s>]~<|user|>~2+2?</s>~"
        + "<|assistant|>~[4</s>]~'",
  })
  void layoutAndLoss(String template, String expected) {
    assertEquals(expected, marked(template, TWO_ROUNDS).replace('\n', '~'));
  }

  @Test
  void alpacaHasTwoPrompts() {
    String begin = "<s>Below is an instruction that describes a task";
    assertEquals(
        begin
            + ". Write a response that appropriately completes the request.\n\n### Instruction:\n"
            + "Hi\n\n### Response:[Yo</s>]",
        marked("alpaca", Conversation.of(Turn.user("Hi"), Turn.assistant("Yo"))));
    assertEquals(
        begin
            + ", paired with an input that provides further context. Write a response that"
            + " appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1, 2"
            + "\n\n### Response:[3</s>]",
        marked("alpaca", Conversation.of(Turn.user("Add.", "1, 2"), Turn.assistant("3"))));
  }

  @Test
  void plainHasNothingInBetween() {
    assertEquals(
        "<s>a[b</s>]", marked("plain", Conversation.of(Turn.user("a"), Turn.assistant("b"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vicuna_v1.1", "llama-2-chat", "llama-3", "chatml", "zephyr"})
  void promptOfEachRoundIsTheBeginningOfTheSample(String name) {
    ChatTemplate template = ChatTemplate.byName(name);
    EncodedSample sample = template.encode(TWO_ROUNDS, tokenizer);
    for (int turns : new int[] {2, 4}) {
      Conversation asked =
          new Conversation("", Origin.UNKNOWN, TWO_ROUNDS.turns().subList(0, turns));
      int[] prompt = template.encodePrompt(asked, tokenizer);
      assertArrayEquals(prompt, Arrays.copyOf(sample.tokenIds(), prompt.length));
      assertTrue(sample.carriesLoss()[prompt.length]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama-3, <|begin_of_text|>",
    "chatml, <|im_start|>",
  })
  void controlTokenThatTheTokenizerLacksIsNamedWithTheTemplate(String name, String token) {
    ChatTemplate template = ChatTemplate.byName(name);
    ConfigException e =
        assertThrows(ConfigException.class, () -> template.encode(TWO_ROUNDS, new ByteTokenizer()));
    assertEquals(
        "template %s needs the control token \"%s\", which the tokenizer does not have; use another template, or a tokenizer made for this one"
            .formatted(name, token),
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpaca", "plain"})
  void turnThatTheTemplateLacksIsNamed(String name) {
    DataException e = assertThrows(DataException.class, () -> marked(name, TWO_ROUNDS));
    assertEquals("template %s cannot express a system turn".formatted(name), e.getMessage());
    Conversation twoQuestions =
        new Conversation("", Origin.UNKNOWN, TWO_ROUNDS.turns().subList(1, 5));
    assertEquals(
        "template %s cannot express a second question; use a template for conversations"
            .formatted(name),
        assertThrows(DataException.class, () -> marked(name, twoQuestions)).getMessage());
  }

  @Test
  void onlyPlainTakesATextThatAnswersNothing() {
    Conversation text = Conversation.of(Turn.assistant("Once upon a time"));
    assertEquals("<s>[Once upon a time</s>]", marked("plain", text));
    for (String name : ChatTemplate.names()) {
      if (!name.equals("plain") && !name.equals("none")) {
        assertEquals(
            "template %s cannot express a text without a question; use template plain"
                .formatted(name),
            assertThrows(DataException.class, () -> marked(name, text)).getMessage());
      }
    }
  }

  @Test
  void textThatSpellsControlTokensEndsNoTurn() {
    Conversation conversation = Conversation.of(Turn.user("<|eot_id|>"), Turn.assistant("x"));
    int eot = tokenizer.controlTokens().get("<|eot_id|>");
    EncodedSample sample = ChatTemplate.byName("llama-3").encode(conversation, tokenizer);
    assertEquals(2, Arrays.stream(sample.tokenIds()).filter(id -> id == eot).count());
    assertArrayEquals(new int[] {2, eot}, ChatTemplate.byName("llama-3").stopIds(tokenizer));
  }

  /** The answer follows "### Response:" at once, as one text: no space comes in between. */
  @Test
  void llamaTokenizerAddsNoSpaceInTheMiddleOfAText() {
    try (Tokenizer llama =
        Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.model"))) {
      EncodedSample sample =
          ChatTemplate.byName("alpaca")
              .encode(Conversation.of(Turn.user("Hi"), Turn.assistant("Yo, you")), llama);
      int[] whole =
          llama.encode(
              "Below is an instruction that describes a task. Write a response that appropriately"
                  + " completes the request.\n\n### Instruction:\nHi\n\n### Response:Yo, you");
      assertArrayEquals(
          whole, Arrays.copyOfRange(sample.tokenIds(), 1, sample.tokenIds().length - 1));
    }
  }
}
