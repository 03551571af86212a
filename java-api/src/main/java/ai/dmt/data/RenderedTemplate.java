package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/** What templates share that write a conversation turn by turn. */
abstract class RenderedTemplate implements ChatTemplate {
  private final String name;

  RenderedTemplate(String name) {
    this.name = name;
  }

  /**
   * Writes a conversation; after a question at its end, what stands before the answer.
   *
   * @throws DataException if it has a turn that the template cannot express
   */
  abstract void render(Conversation conversation, Rendering out);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public EncodedSample encode(Conversation conversation, Tokenizer tokenizer) {
    if (!conversation.answered()) {
      throw new DataException(
          conversation.origin(), "conversation ends with a question, training needs an answer");
    }
    if (conversation.isPlainText() && !takesPlainText()) {
      throw cannotExpress(conversation, "a text without a question; use template plain");
    }
    Rendering out = new Rendering(name, tokenizer);
    render(conversation, out);
    return new EncodedSample(conversation.id(), conversation.origin(), out.ids(), out.loss());
  }

  @Override
  public int[] encodePrompt(Conversation conversation, Tokenizer tokenizer) {
    if (conversation.answered()) {
      throw new DataException(
          conversation.origin(), "conversation ends with an answer, a prompt needs a question");
    }
    Rendering out = new Rendering(name, tokenizer);
    render(conversation, out);
    return out.ids();
  }

  /** See {@link ChatTemplate#jinja}; every template that trains has one. */
  abstract String jinjaText(Tokenizer tokenizer);

  @Override
  public final Optional<String> jinja(Tokenizer tokenizer) {
    return Optional.of(jinjaText(tokenizer));
  }

  @Override
  public String answer(String continuation) {
    return continuation;
  }

  @Override
  public List<String> stopStrings() {
    return List.of();
  }

  /** Whether a text that answers nothing can be trained on. */
  boolean takesPlainText() {
    return false;
  }

  /** For templates of one exchange: refuses a system turn and a second question. */
  final void demandOneExchange(Conversation conversation) {
    if (!conversation.system().isEmpty()) {
      throw cannotExpress(conversation, "a system turn");
    }
    if (conversation.dialogue().size() > 2) {
      throw cannotExpress(conversation, "a second question; use a template for conversations");
    }
  }

  final DataException cannotExpress(Conversation conversation, String what) {
    return new DataException(
        conversation.origin(), "template %s cannot express %s".formatted(name, what));
  }
}
