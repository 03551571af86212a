package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MtBenchPromptsTest {
  private static final Question QUESTION =
      new Question("81", "writing", List.of("Write.", "Again."), null, Origin.UNKNOWN);

  @ParameterizedTest
  @CsvSource({
    "writing, 0.7",
    "roleplay, 0.7",
    "extraction, 0",
    "math, 0",
    "coding, 0",
    "reasoning, 0",
    "stem, 0.1",
    "humanities, 0.1",
    "arena-hard-200, 0",
    "other, 0.7"
  })
  void temperatureGoesByCategory(String category, double temperature) {
    assertEquals(temperature, MtBenchPrompts.temperature(category));
  }

  @Test
  void secondTurnFollowsTheModelsOwnAnswer() {
    assertEquals(
        List.of(Turn.user("Write.")), MtBenchPrompts.conversation(QUESTION, List.of()).turns());
    assertEquals(
        List.of(Turn.user("Write."), Turn.assistant("Done."), Turn.user("Again.")),
        MtBenchPrompts.conversation(QUESTION, List.of("Done.")).turns());
    assertThrows(
        IllegalArgumentException.class,
        () -> MtBenchPrompts.conversation(QUESTION, List.of("a", "b")));
  }

  @Test
  void answersAreFastChatsRecords() {
    ModelAnswer answer = MtBenchPrompts.answer(QUESTION, "m", List.of("a", "b"), 1.5);
    assertTrue(answer.answerId().matches("[2-9A-HJ-NP-Za-km-z]{22}"), answer.answerId());
    assertEquals(
        ("{\"question_id\": 81, \"answer_id\": \"%s\", \"model_id\": \"m\", \"choices\":"
                + " [{\"index\": 0, \"turns\": [\"a\", \"b\"]}], \"tstamp\": 1.5}")
            .formatted(answer.answerId()),
        answer.json());
  }

  @Test
  void answerIdTellsContentApart() {
    String id = MtBenchPrompts.answer(QUESTION, "m", List.of("a", "b"), 1).answerId();
    assertEquals(id, MtBenchPrompts.answer(QUESTION, "m", List.of("a", "b"), 2).answerId());
    assertNotEquals(id, MtBenchPrompts.answer(QUESTION, "m", List.of("a1:b", ""), 1).answerId());
    assertNotEquals(id, MtBenchPrompts.answer(QUESTION, "n", List.of("a", "b"), 1).answerId());
  }
}
