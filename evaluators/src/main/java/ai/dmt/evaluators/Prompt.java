package ai.dmt.evaluators;

import ai.dmt.data.Conversation;
import ai.dmt.data.Turn;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked: a conversation, or text to be continued as it stands.
 *
 * @param id of the problem; completions carry it
 * @param conversation to be written in the model's chat template, its last turn the user's; null
 *     where there is text
 * @param text to be continued, without any template; null where there is a conversation
 * @param generation how the completion is made
 */
public record Prompt(
    String id,
    @Nullable Conversation conversation,
    @Nullable String text,
    GenerationSettings generation) {
  /**
   * Demands either a conversation or a text.
   *
   * @param id of the problem; completions carry it
   * @param conversation to be written in the model's chat template, its last turn the user's; null
   *     where there is text
   * @param text to be continued, without any template; null where there is a conversation
   * @param generation how the completion is made
   */
  public Prompt {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(generation, "generation");
    if ((conversation == null) == (text == null)) {
      throw new IllegalArgumentException("a prompt is either a conversation or a text");
    }
  }

  /**
   * {@return a prompt that is one question of the user, in the model's chat template}
   *
   * @param id of the problem
   * @param question what the user says
   * @param generation how the completion is made
   */
  public static Prompt chat(String id, String question, GenerationSettings generation) {
    return new Prompt(id, Conversation.of(Turn.user(question)), null, generation);
  }

  /**
   * {@return a prompt that is text to be continued as it stands}
   *
   * @param id of the problem
   * @param text to be continued, without any template
   * @param generation how the completion is made
   */
  public static Prompt raw(String id, String text, GenerationSettings generation) {
    return new Prompt(id, null, text, generation);
  }
}
