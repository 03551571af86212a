package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;

/**
 * ChatML:
 *
 * <pre>{@code
 * <|im_start|>user\nquestion<|im_end|>\n<|im_start|>assistant\nanswer<|im_end|>\n
 * }</pre>
 *
 * <p>Loss is on each answer and the {@code <|im_end|>} after it. There is no begin token, and no
 * system turn unless the conversation has one.
 */
public final class ChatMlTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "chatml";

  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>";

  /** Makes one; all are the same. */
  public ChatMlTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    for (Turn turn : conversation.turns()) {
      if (turn.role() == Role.ASSISTANT) {
        out.control(START).text("assistant\n").answer(turn.text()).answerControl(END).text("\n");
      } else {
        String role = turn.role() == Role.USER ? "user\n" : "system\n";
        out.control(START).text(role + turn.text()).control(END).text("\n");
      }
    }
    if (!conversation.answered()) {
      out.control(START).text("assistant\n");
    }
  }

  @Override
  public int[] stopIds(Tokenizer tokenizer) {
    return Rendering.endAnd(END, tokenizer);
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return JinjaText.tagged(
        "''",
        "'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n'",
        "'<|im_start|>assistant\\n'");
  }
}
