package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;

/**
 * Stanford Alpaca's two prompts, with and without an input; RFT's code has the second one. One
 * exchange; the answer follows "### Response:" at once, and loss is on it and the end token.
 */
public final class AlpacaTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "alpaca";

  /** Makes one; all are the same. */
  public AlpacaTemplate() {
    super(NAME);
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    demandOneExchange(conversation);
    Turn question = conversation.dialogue().get(0);
    boolean hasInput = !question.input().isEmpty();
    out.begin()
        .text("Below is an instruction that describes a task")
        .text(hasInput ? ", paired with an input that provides further context. " : ". ")
        .text("Write a response that appropriately completes the request.\n\n")
        .text("### Instruction:\n" + question.instruction() + "\n\n")
        .text(hasInput ? "### Input:\n" + question.input() + "\n\n" : "")
        .text("### Response:");
    if (conversation.answered()) {
      out.answer(conversation.dialogue().get(1).text()).answerEnd();
    }
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return JinjaText.oneExchange(
        NAME,
        JinjaText.begin(tokenizer)
            + " + 'Below is an instruction that describes a task. Write a response that"
            + " appropriately completes the request.\\n\\n### Instruction:\\n'"
            + " + messages[0]['content'] + '\\n\\n### Response:'",
        "messages[1]['content'] + " + JinjaText.end(tokenizer));
  }
}
