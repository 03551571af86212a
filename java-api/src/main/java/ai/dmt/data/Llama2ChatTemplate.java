package ai.dmt.data;

import ai.dmt.internal.jinja.TextTrim;
import ai.dmt.tokenizer.Tokenizer;

/**
 * LLaMA-2-chat, as Meta's code writes it: every exchange begins and ends anew, and texts lose the
 * white space around them.
 *
 * <pre>{@code <s>[INST] <<SYS>>\nsystem\n<</SYS>>\n\nquestion [/INST] answer </s>}</pre>
 *
 * <p>Loss is on the answer, the space after it and the {@code </s>}.
 */
public final class Llama2ChatTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "llama-2-chat";

  /** Makes one; all are the same. */
  public Llama2ChatTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    String system = conversation.system();
    String before = system.isEmpty() ? "" : "<<SYS>>\n" + system + "\n<</SYS>>\n\n";
    for (Turn turn : conversation.dialogue()) {
      if (turn.role() == Role.USER) {
        out.begin().text("[INST] " + TextTrim.strip(before + turn.text(), null) + " [/INST]");
        before = "";
      } else {
        out.answer(" " + TextTrim.strip(turn.text(), null) + " ").answerEnd();
      }
    }
  }

  @Override
  public String answer(String continuation) {
    return continuation.strip();
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    String begin = JinjaText.begin(tokenizer);
    return JinjaText.system()
        + "{%- set before = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' if system else '' -%}\n"
        + "{%- set first = 1 if messages[0]['role'] == 'system' else 0 -%}\n"
        + JinjaText.turns(
            begin
                + " + '[INST] ' + ((before if loop.index0 == first else '') + message['content']) | trim"
                + " + ' [/INST]'",
            "' ' + message['content'] | trim + ' ' + " + JinjaText.end(tokenizer));
  }
}
