package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * How a conversation is written as tokens, and which of them carry loss. The same object serves
 * training, generation and evaluation.
 *
 * <p>Texts are encoded between control ids that are put in, and the spans of loss are characters
 * that rendering itself marks; nothing is found by searching in text.
 */
public interface ChatTemplate {
  /** {@return name by which {@link #byName} finds it; "jinja" for a model's own template} */
  String name();

  /**
   * Renders a conversation for training.
   *
   * @param conversation answered: its last turn is the assistant's
   * @param tokenizer of the model; it stays the caller's
   * @return the tokens, begin token included, and which of them carry loss
   * @throws DataException if it is not, or if it has a turn that the template cannot express
   */
  EncodedSample encode(Conversation conversation, Tokenizer tokenizer);

  /**
   * Renders a conversation up to the point where the assistant begins to speak.
   *
   * @param conversation its last turn is the user's
   * @param tokenizer of the model; it stays the caller's
   * @return [tokens], begin token included where the template has one
   * @throws DataException if it is not
   */
  int[] encodePrompt(Conversation conversation, Tokenizer tokenizer);

  /**
   * {@return the answer in what the model said after a prompt: takes off what the template puts
   * between prompt and answer, such as one space}
   *
   * @param continuation text after the prompt, without end tokens
   */
  String answer(String continuation);

  /** {@return texts at which an answer ends, beside the end token; often none} */
  List<String> stopStrings();

  /**
   * {@return ids at which an answer ends: the tokenizer's end token, and the template's own where
   * it has one}
   *
   * @param tokenizer of the model
   */
  default int[] stopIds(Tokenizer tokenizer) {
    return new int[] {tokenizer.eosId()};
  }

  /**
   * The template as other programs take it: in Jinja. What that renders becomes the ids of {@link
   * #encodePrompt}, but for texts that spell control tokens, and inputs apart from instructions.
   *
   * @param tokenizer of the model
   * @return empty if the template writes no chat
   */
  default Optional<String> jinja(Tokenizer tokenizer) {
    return Optional.empty();
  }

  /**
   * Finds a template that is made for no particular model; those that bring their own are found by
   * {@link TemplateFile#read}.
   *
   * @param name one of {@link #names}
   * @return a new template
   * @throws ConfigException if there is none of this name
   */
  static ChatTemplate byName(String name) {
    return switch (name) {
      case VicunaTemplate.NAME -> new VicunaTemplate();
      case AlpacaTemplate.NAME -> new AlpacaTemplate();
      case Llama2ChatTemplate.NAME -> new Llama2ChatTemplate();
      case Llama3Template.NAME -> new Llama3Template();
      case ChatMlTemplate.NAME -> new ChatMlTemplate();
      case ZephyrTemplate.NAME -> new ZephyrTemplate();
      case PlainTemplate.NAME -> new PlainTemplate();
      case PromptTemplate.NAME -> new PromptTemplate();
      default ->
          throw new ConfigException(
              "no template is named \"%s\"; known are %s".formatted(name, names()));
    };
  }

  /** {@return names that {@link #byName} knows; "none" is for prompts only, all others train} */
  static List<String> names() {
    return List.of(
        VicunaTemplate.NAME,
        AlpacaTemplate.NAME,
        Llama2ChatTemplate.NAME,
        Llama3Template.NAME,
        ChatMlTemplate.NAME,
        ZephyrTemplate.NAME,
        PlainTemplate.NAME,
        PromptTemplate.NAME);
  }
}
