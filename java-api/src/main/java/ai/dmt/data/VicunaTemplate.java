package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;

/**
 * FastChat's vicuna_v1.1:
 *
 * <pre>{@code <s>SYSTEM USER: question ASSISTANT: answer</s>USER: question ASSISTANT: answer</s>}
 * </pre>
 *
 * <p>Loss is on each answer and the {@code </s>} after it. A system turn takes the place of the
 * standard system text.
 */
public final class VicunaTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "vicuna_v1.1";

  /** System text of a conversation that brings none. */
  public static final String SYSTEM =
      "A chat between a curious user and an artificial intelligence assistant. "
          + "The assistant gives helpful, detailed, and polite answers to the user's questions.";

  /** Makes one; all are the same. */
  public VicunaTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    String system = conversation.system();
    out.begin().text((system.isEmpty() ? SYSTEM : system) + " ");
    for (Turn turn : conversation.dialogue()) {
      if (turn.role() == Role.USER) {
        out.text("USER: " + turn.text() + " ASSISTANT:");
      } else {
        out.answer(" " + turn.text()).answerEnd();
      }
    }
  }

  @Override
  public String answer(String continuation) {
    return continuation.startsWith(" ") ? continuation.substring(1) : continuation;
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return JinjaText.system()
        + JinjaText.write(
            JinjaText.begun(
                    tokenizer, "(system if system else %s)".formatted(JinjaText.quoted(SYSTEM)))
                + " + ' '")
        + JinjaText.turns(
            "'USER: ' + message['content'] + ' ASSISTANT:'",
            "' ' + message['content'] + " + JinjaText.end(tokenizer));
  }
}
