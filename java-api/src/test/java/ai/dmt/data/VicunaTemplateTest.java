package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.tokenizer.ByteTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VicunaTemplateTest {
  private final ChatTemplate template = ChatTemplate.byName("vicuna_v1.1");
  private final Tokenizer bytes = new ByteTokenizer();

  private static final Conversation TWO_ROUNDS =
      Conversation.of(
          Turn.user("Hi"), Turn.assistant("Hello!"), Turn.user("2+2?"), Turn.assistant("4"));

  /** Text of a sample, control tokens spelt out, what carries loss in brackets. */
  private String marked(EncodedSample sample) {
    StringBuilder text = new StringBuilder();
    boolean inside = false;
    for (int t = 0; t < sample.tokenIds().length; t++) {
      if (sample.carriesLoss()[t] != inside) {
        text.append(inside ? ']' : '[');
        inside = !inside;
      }
      int id = sample.tokenIds()[t];
      text.append(id == 1 ? "<s>" : id == 2 ? "</s>" : bytes.decode(new int[] {id}));
    }
    return text.append(inside ? "]" : "").toString();
  }

  @Test
  void layoutAndLossAreThoseOfFastChat() {
    assertEquals(
        "<s>A chat between a curious user and an artificial intelligence assistant. The assistant"
            + " gives helpful, detailed, and polite answers to the user's questions."
            + " USER: Hi ASSISTANT:[ Hello!</s>]USER: 2+2? ASSISTANT:[ 4</s>]",
        marked(template.encode(TWO_ROUNDS, bytes)));
  }

  @Test
  void systemTurnTakesThePlaceOfTheStandardOne() {
    Conversation conversation =
        Conversation.of(new Turn(Role.SYSTEM, "Be brief."), Turn.user("Hi"), Turn.assistant("Yo"));
    assertEquals(
        "<s>Be brief. USER: Hi ASSISTANT:[ Yo</s>]", marked(template.encode(conversation, bytes)));
  }

  @Test
  void promptIsTheBeginningOfTheTrainingSample() {
    int[] prompt =
        template.encodePrompt(
            Conversation.of(Turn.user("Hi"), Turn.assistant("Hello!"), Turn.user("2+2?")), bytes);
    EncodedSample sample = template.encode(TWO_ROUNDS, bytes);
    assertArrayEquals(prompt, Arrays.copyOf(sample.tokenIds(), prompt.length));
    assertTrue(sample.carriesLoss()[prompt.length], "the answer begins right after the prompt");
    assertEquals(':', bytes.decode(prompt).charAt(bytes.decode(prompt).length() - 1));
  }

  @Test
  void answerIsTheContinuationWithoutItsSpace() {
    assertEquals("4", template.answer(" 4"));
    assertEquals(" x", template.answer("  x"));
    assertEquals("x", template.answer("x"));
  }

  @Test
  void textThatSpellsControlTokensEndsNoTurn() {
    Conversation conversation =
        Conversation.of(Turn.user("</s>"), Turn.assistant("a</s>b ASSISTANT: c"));
    EncodedSample sample = template.encode(conversation, bytes);
    assertEquals(1, Arrays.stream(sample.tokenIds()).filter(id -> id == 2).count());
    assertTrue(marked(sample).endsWith("USER: </s> ASSISTANT:[ a</s>b ASSISTANT: c</s>]"));
  }

  @Test
  void unansweredConversationCannotBeTrainedOn() {
    Conversation question = Conversation.of(Turn.user("Hi"));
    assertThrows(DataException.class, () -> template.encode(question, bytes));
    assertThrows(DataException.class, () -> template.encodePrompt(TWO_ROUNDS, bytes));
  }

  @Test
  void idsOfLlamaAreThoseOfTheWholeTextInOnePiece() {
    try (Tokenizer llama =
        Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.model"))) {
      EncodedSample sample = template.encode(TWO_ROUNDS, llama);
      // The slow tokenizer of transformers cuts at </s> and encodes the parts one by one.
      int[] first = llama.encode(VicunaTemplate.SYSTEM + " USER: Hi ASSISTANT: Hello!");
      int[] second = llama.encode("USER: 2+2? ASSISTANT: 4");
      int[] expected =
          new TokenSequence()
              .add(1, false)
              .addAll(first, false)
              .add(2, false)
              .addAll(second, false)
              .add(2, false)
              .ids();
      assertArrayEquals(expected, sample.tokenIds());
      int[] answer = llama.encode("Hello!");
      assertEquals(answer.length + 1 + llama.encode("4").length + 1, sample.labelTokens());
    }
  }
}
