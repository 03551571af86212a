package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.Tokenizer;
import java.util.List;

/**
 * How a conversation is written as tokens, and which of them carry loss. The same object serves
 * training, generation and evaluation.
 *
 * <p>Turns are encoded apart and control ids are put in between, so the spans of loss come from
 * rendering itself and never from searching in text.
 */
public interface ChatTemplate {
  /** Name by which {@link #byName} finds it. */
  String name();

  /**
   * Renders a conversation for training.
   *
   * @param conversation answered: its last turn is the assistant's
   * @throws DataException if it is not, or if it has a turn that the template cannot express
   */
  EncodedSample encode(Conversation conversation, Tokenizer tokenizer);

  /**
   * Renders a conversation up to the point where the assistant begins to speak.
   *
   * @param conversation its last turn is the user's
   * @throws DataException if it is not
   */
  int[] encodePrompt(Conversation conversation, Tokenizer tokenizer);

  /**
   * The answer in what the model said after a prompt: takes off what the template puts between
   * prompt and answer, such as one space.
   */
  String answer(String continuation);

  /** Texts at which an answer ends, beside the end token; often none. */
  List<String> stopStrings();

  /**
   * Finds a template.
   *
   * @param name "vicuna_v1.1" or "none"
   * @throws ConfigException if there is none of this name
   */
  static ChatTemplate byName(String name) {
    return switch (name) {
      case VicunaTemplate.NAME -> new VicunaTemplate();
      case PlainTemplate.NAME -> new PlainTemplate();
      default ->
          throw new ConfigException(
              "no template is named \"%s\"; known are %s".formatted(name, names()));
    };
  }

  /** Names that {@link #byName} knows. */
  static List<String> names() {
    return List.of(VicunaTemplate.NAME, PlainTemplate.NAME);
  }
}
