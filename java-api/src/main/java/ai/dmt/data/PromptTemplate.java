package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.Tokenizer;
import java.util.List;

/**
 * No template: the text as it is, between the begin and end tokens that the model's tokenizer adds.
 * For prompts to models that know no chat.
 */
public final class PromptTemplate implements ChatTemplate {
  /** Its name. */
  public static final String NAME = "none";

  @Override
  public String name() {
    return NAME;
  }

  /**
   * Not possible.
   *
   * @throws ConfigException always
   */
  @Override
  public EncodedSample encode(Conversation conversation, Tokenizer tokenizer) {
    throw new ConfigException(
        "template \"none\" is for prompts only: it marks no answer; train with "
            + VicunaTemplate.NAME
            + " or another one");
  }

  @Override
  public int[] encodePrompt(Conversation conversation, Tokenizer tokenizer) {
    if (conversation.turns().size() != 1) {
      throw new DataException(
          conversation.origin(),
          "template \"none\" takes one turn of the user, got %s turns"
              .formatted(conversation.turns().size()));
    }
    return new TokenSequence()
        .addAll(tokenizer.beginIds(), false)
        .addAll(tokenizer.encode(conversation.turns().get(0).text()), false)
        .addAll(tokenizer.endIds(), false)
        .ids();
  }

  @Override
  public String answer(String continuation) {
    return continuation;
  }

  @Override
  public List<String> stopStrings() {
    return List.of();
  }
}
