package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;

/**
 * Zephyr, behind a begin token:
 *
 * <pre>{@code <|user|>\nquestion</s>\n<|assistant|>\nanswer</s>\n}</pre>
 *
 * <p>Loss is on each answer and the end token after it. The end token is the tokenizer's. Zephyr's
 * own tokenizer has no control tokens for the roles: they are text there, and here too unless the
 * tokenizer has them.
 */
public final class ZephyrTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "zephyr";

  /** Makes one; all are the same. */
  public ZephyrTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    out.begin();
    for (Turn turn : conversation.turns()) {
      if (turn.role() == Role.ASSISTANT) {
        out.tag("<|assistant|>").text("\n").answer(turn.text()).answerEnd().text("\n");
      } else {
        out.tag(turn.role() == Role.USER ? "<|user|>" : "<|system|>");
        out.text("\n" + turn.text()).end().text("\n");
      }
    }
    if (!conversation.answered()) {
      out.tag("<|assistant|>").text("\n");
    }
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    String system = begin(tokenizer, "<|system|>");
    String user = begin(tokenizer, "<|user|>");
    return JinjaText.tagged(
        "%s if messages[0]['role'] == 'system' else %s".formatted(system, user),
        "'<|' + message['role'] + '|>\\n' + message['content'] + %s + '\\n'"
            .formatted(JinjaText.end(tokenizer)),
        "'<|assistant|>\\n'");
  }

  private static String begin(Tokenizer tokenizer, String tag) {
    return tokenizer.controlTokens().containsKey(tag)
        ? JinjaText.beginAlone(tokenizer)
        : JinjaText.begin(tokenizer);
  }
}
