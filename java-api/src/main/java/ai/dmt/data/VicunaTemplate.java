package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.util.List;

/**
 * FastChat's vicuna_v1.1:
 *
 * <pre>{@code <s>SYSTEM USER: question ASSISTANT: answer</s>USER: question ASSISTANT: answer</s>}
 * </pre>
 *
 * <p>Loss is on each answer and the {@code </s>} after it. A system turn takes the place of the
 * standard system text.
 */
public final class VicunaTemplate implements ChatTemplate {
  /** Its name. */
  public static final String NAME = "vicuna_v1.1";

  /** System text of a conversation that brings none. */
  public static final String SYSTEM =
      "A chat between a curious user and an artificial intelligence assistant. "
          + "The assistant gives helpful, detailed, and polite answers to the user's questions.";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public EncodedSample encode(Conversation conversation, Tokenizer tokenizer) {
    if (!conversation.answered()) {
      throw new DataException(
          conversation.origin(), "conversation ends with a question, training needs an answer");
    }
    if (conversation.isPlainText()) {
      throw new DataException(
          conversation.origin(),
          "template %s cannot express a text without a question; use template plain"
              .formatted(NAME));
    }
    TokenSequence tokens = render(conversation, tokenizer);
    return new EncodedSample(conversation.id(), conversation.origin(), tokens.ids(), tokens.loss());
  }

  @Override
  public int[] encodePrompt(Conversation conversation, Tokenizer tokenizer) {
    if (conversation.answered()) {
      throw new DataException(
          conversation.origin(), "conversation ends with an answer, a prompt needs a question");
    }
    return render(conversation, tokenizer).ids();
  }

  @Override
  public String answer(String continuation) {
    return continuation.startsWith(" ") ? continuation.substring(1) : continuation;
  }

  @Override
  public List<String> stopStrings() {
    return List.of();
  }

  private static TokenSequence render(Conversation conversation, Tokenizer tokenizer) {
    TokenSequence tokens = new TokenSequence().add(tokenizer.bosId(), false);
    // Stands before the first question only; later ones follow </s> directly.
    String before = SYSTEM + " ";
    // The space between "ASSISTANT:" and the answer belongs to the answer's first token.
    String space = tokenizer.addsPrefixSpace() ? "" : " ";
    for (Turn turn : conversation.turns()) {
      switch (turn.role()) {
        case SYSTEM -> before = turn.text() + " ";
        case USER -> {
          String question = before + "USER: " + turn.text() + " ASSISTANT:";
          tokens.addAll(tokenizer.encode(question), false);
          before = "";
        }
        case ASSISTANT ->
            tokens.addAll(tokenizer.encode(space + turn.text()), true).add(tokenizer.eosId(), true);
      }
    }
    return tokens;
  }
}
