package ai.dmt.evaluation;

import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Prompt;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;

/**
 * What a model said to a prompt of a benchmark.
 *
 * @param prompt what was asked
 * @param promptTokens length of the prompt in tokens
 * @param completion the model's text alone; empty where the prompt is too long
 * @param finishReason "stop", "length", or {@link #TOO_LONG}
 * @param tokens length of the completion in tokens
 */
public record PromptAnswer(
    Prompt prompt, int promptTokens, String completion, String finishReason, int tokens) {
  /** The model has no positions for this prompt and one token more. */
  public static final String TOO_LONG = "prompt_too_long";

  /** The model's limit or the benchmark's was reached. */
  public static final String LENGTH = "length";

  static PromptAnswer tooLong(Prompt prompt, int promptTokens) {
    return new PromptAnswer(prompt, promptTokens, "", TOO_LONG, 0);
  }

  /** {@return whether nothing could be generated, since the prompt left no room} */
  public boolean isTooLong() {
    return finishReason.equals(TOO_LONG);
  }

  /** {@return the answer as a benchmark scores it} */
  public CompletionRecord record() {
    return new CompletionRecord(Origin.UNKNOWN, prompt.id(), completion);
  }

  /**
   * {@return a line of a file of completions; "prompt" is the text, or the last turn of the user}
   */
  public ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", prompt.id())
        .put("prompt", asked())
        .put("completion", completion)
        .put("finish_reason", finishReason)
        .put("prompt_tokens", promptTokens)
        .put("tokens", tokens);
  }

  private String asked() {
    if (prompt.text() != null) {
      return prompt.text();
    }
    List<Turn> turns = // a prompt is one of both
        Objects.requireNonNull(prompt.conversation()).turns();
    return turns.get(turns.size() - 1).text();
  }
}
