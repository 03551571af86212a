package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.ByteTokenizer;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
  @Test
  void everyNamedTemplateIsFoundUnderItsName() {
    for (String name : ChatTemplate.names()) {
      assertEquals(name, ChatTemplate.byName(name).name());
    }
  }

  @Test
  void unknownNameListsTheKnownOnes() {
    ConfigException e = assertThrows(ConfigException.class, () -> ChatTemplate.byName("vicuna"));
    assertEquals(
        "no template is named \"vicuna\"; known are [vicuna_v1.1, alpaca, llama-2-chat,"
            + " llama-3, chatml, zephyr, plain, none]",
        e.getMessage());
  }

  @Test
  void noTemplatePutsTheBeginTokenOnly() {
    int[] prompt =
        ChatTemplate.byName("none")
            .encodePrompt(Conversation.of(Turn.user("ab")), new ByteTokenizer());
    assertArrayEquals(new int[] {1, 3 + 'a', 3 + 'b'}, prompt);
    assertEquals(" x", ChatTemplate.byName("none").answer(" x"));
  }

  @Test
  void noTemplateCannotTrain() {
    Conversation conversation = Conversation.of(Turn.user("a"), Turn.assistant("b"));
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ChatTemplate.byName("none").encode(conversation, new ByteTokenizer()));
    assertTrue(e.getMessage().contains("vicuna_v1.1"), e::getMessage);
    assertThrows(
        DataException.class,
        () -> ChatTemplate.byName("none").encodePrompt(conversation, new ByteTokenizer()));
  }
}
