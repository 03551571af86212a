package ai.dmt.data;

import ai.dmt.internal.jinja.TextTrim;
import ai.dmt.tokenizer.Tokenizer;

/**
 * LLaMA-3's instruct template:
 *
 * <pre>{@code
 * <|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nquestion<|eot_id|>
 * <|start_header_id|>assistant<|end_header_id|>\n\nanswer<|eot_id|>
 * }</pre>
 *
 * <p>(without the line break shown here). Loss is on each answer and the {@code <|eot_id|>} after
 * it. Texts lose the white space around them.
 */
public final class Llama3Template extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "llama-3";

  private static final String END = "<|eot_id|>";

  /** Makes one; all are the same. */
  public Llama3Template() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    out.control("<|begin_of_text|>");
    for (Turn turn : conversation.turns()) {
      if (turn.role() == Role.ASSISTANT) {
        header(out, "assistant");
        out.answer(TextTrim.strip(turn.text(), null)).answerControl(END);
      } else {
        header(out, turn.role() == Role.USER ? "user" : "system");
        out.text(TextTrim.strip(turn.text(), null)).control(END);
      }
    }
    if (!conversation.answered()) {
      header(out, "assistant");
    }
  }

  private static void header(Rendering out, String role) {
    out.control("<|start_header_id|>").text(role).control("<|end_header_id|>").text("\n\n");
  }

  @Override
  public int[] stopIds(Tokenizer tokenizer) {
    return Rendering.endAnd(END, tokenizer);
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return JinjaText.tagged(
        "'<|begin_of_text|>'",
        "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'"
            + " + message['content'] | trim + '<|eot_id|>'",
        "'<|start_header_id|>assistant<|end_header_id|>\\n\\n'");
  }
}
