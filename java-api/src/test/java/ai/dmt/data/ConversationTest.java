package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final Origin PLACE = new Origin("a.jsonl", 7);

  @Test
  void rolesMustAlternate() {
    List<Turn> turns = List.of(Turn.user("a"), Turn.assistant("b"), Turn.assistant("c"));
    DataException e = assertThrows(DataException.class, () -> new Conversation("x", PLACE, turns));
    assertEquals(
        "a.jsonl:7: turn 3 is of role ASSISTANT, expected USER: user and assistant must alternate,"
            + " user first",
        e.getMessage());
    assertEquals(PLACE, e.origin());
  }

  @Test
  void systemTurnMayStandInFrontOnly() {
    Turn system = new Turn(Role.SYSTEM, "s");
    assertTrue(Conversation.of(system, Turn.user("a"), Turn.assistant("b")).answered());
    assertThrows(DataException.class, () -> Conversation.of(Turn.user("a"), system));
    assertThrows(DataException.class, () -> Conversation.of(system));
  }

  @Test
  void questionAtTheEndIsUnanswered() {
    assertFalse(Conversation.of(Turn.user("a")).answered());
  }

  @Test
  void conversationThatBeginsWithTheAssistantIsRefused() {
    assertThrows(DataException.class, () -> Conversation.of(Turn.assistant("a"), Turn.user("b")));
    assertTrue(Conversation.of(Turn.assistant("a")).isPlainText());
    assertThrows(DataException.class, () -> Conversation.of());
  }
}
