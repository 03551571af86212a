package ai.dmt.completion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import ai.dmt.generate.Completion;
import ai.dmt.generate.FinishReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionWriterTest {
  private static PromptRecord prompt(String id, String text) {
    return new PromptRecord(id, Origin.UNKNOWN, text, Conversation.of(Turn.user("q")));
  }

  @Test
  void linesAreInTheOrderOfThePrompts() {
    StringBuilder out = new StringBuilder();
    CompletionWriter file =
        new CompletionWriter(
            List.of(prompt("a", "One?"), prompt("b", null)),
            ChatTemplate.byName("vicuna_v1.1"),
            out);
    file.onCompletion(1, new Completion("b", " two", new int[] {5, 6}, FinishReason.LENGTH));
    assertEquals("", out.toString());
    file.onCompletion(0, new Completion("a", " one", new int[] {4}, FinishReason.STOP));
    assertEquals(
        """
        {"id":"a","prompt":"One?","completion":"one","finish_reason":"stop","tokens":1}
        {"id":"b","completion":"two","finish_reason":"length","tokens":2}
        """,
        out.toString());
  }
}
