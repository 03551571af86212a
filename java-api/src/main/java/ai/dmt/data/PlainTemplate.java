package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;

/**
 * Nothing between prompt and completion: begin token, prompt, completion, end token. A text that
 * answers nothing carries loss as a whole. Separators, such as a line feed at the end of the
 * prompt, are the data's own.
 */
public final class PlainTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "plain";

  /** Makes one; all are the same. */
  public PlainTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    demandOneExchange(conversation);
    out.begin();
    for (Turn turn : conversation.dialogue()) {
      out.text(turn.text(), turn.role() == Role.ASSISTANT);
    }
    if (conversation.answered()) {
      out.answerEnd();
    }
  }

  @Override
  boolean takesPlainText() {
    return true;
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return JinjaText.oneExchange(
        NAME,
        JinjaText.begun(tokenizer, "messages[0]['content']"),
        "messages[1]['content'] + " + JinjaText.end(tokenizer));
  }
}
