package ai.dmt.model;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.GrowingAnswer;
import ai.dmt.data.Origin;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.generate.Completion;
import ai.dmt.generate.FinishReason;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation with a model, which knows what was said before. Turns for which the model has no
 * positions any more are forgotten, the oldest first.
 *
 * <pre>{@code
 * Chat chat = new Chat(model, model.template(), GenerationConfig.greedy(256));
 * chat.say("What is 2+2?", System.out::print);
 * chat.say("And doubled?", System.out::print);
 * }</pre>
 *
 * @since 0.1
 */
public final class Chat {
  /** An answer that is cut off after a word helps nobody, so older turns go before this is left. */
  private static final int LEAST_SHARE_OF_ANSWER = 4;

  private final Model model;
  private final ChatTemplate template;
  private final GenerationConfig generation;
  private final List<Turn> turns = new ArrayList<>();
  private String system = "";
  private int answers;
  private volatile boolean stopping;

  /**
   * An answer.
   *
   * @param text all of it
   * @param reason why it ended
   * @param forgottenTurns turns of both sides that were forgotten for it, in pairs
   */
  public record Answer(String text, FinishReason reason, int forgottenTurns) {}

  /**
   * Begins with nothing said.
   *
   * @param model that answers; it stays the caller's
   * @param template that the conversation is written with
   * @param generation how answers are made; answer i is sampled with the seed {@code seed + i}
   */
  public Chat(Model model, ChatTemplate template, GenerationConfig generation) {
    this.model = model;
    this.template = template;
    this.generation = generation;
  }

  /**
   * Sets what stands before the conversation, for the answers from now on.
   *
   * @param text instructions; empty for none
   */
  public void setSystem(String text) {
    system = text;
  }

  /** Forgets what was said; the system's text stays. */
  public void reset() {
    turns.clear();
  }

  /** {@return what was said and is not forgotten, the system's text not among it} */
  public List<Turn> turns() {
    return List.copyOf(turns);
  }

  /**
   * Says something. If it fails, nothing was said.
   *
   * @param text of the user
   * @param pieces takes the answer while it grows, in this thread
   * @return the answer
   * @throws ConfigException if the text alone is longer than the model's positions
   * @throws ai.dmt.data.DataException if the template cannot express the conversation
   */
  public Answer say(String text, Consumer<String> pieces) {
    List<Turn> asked = new ArrayList<>(turns);
    asked.add(Turn.user(text));
    int[] prompt = encode(asked);
    int forgotten = 0;
    while (!hasRoom(prompt) && asked.size() > 1) {
      asked.subList(0, 2).clear();
      forgotten += 2;
      prompt = encode(asked);
    }
    if (!model.fits(prompt)) {
      throw new ConfigException(
          "this makes a prompt of %s tokens; the model in %s has %s positions, one of them for an answer"
              .formatted(prompt.length, model.info().folder(), positions()));
    }
    stopping = false;
    GrowingAnswer answer = new GrowingAnswer(template);
    FinishReason[] reason = {FinishReason.STOP};
    long seed = generation.sampling().seed() + answers;
    model.complete(
        List.of(new GenerationRequest("answer", prompt, seed)),
        template,
        generation,
        listener(answer, pieces, reason));
    asked.add(new Turn(Role.ASSISTANT, answer.text()));
    turns.clear();
    turns.addAll(asked);
    answers++;
    return new Answer(answer.text(), reason[0], forgotten);
  }

  /**
   * Ends the answer that is being made, after its next token; what there is of it was said. For any
   * thread; without effect between answers.
   */
  public void stop() {
    stopping = true;
  }

  private GenerationListener listener(
      GrowingAnswer answer, Consumer<String> pieces, FinishReason[] reason) {
    return new GenerationListener() {
      @Override
      public void onText(int request, String text) {
        String fresh = answer.add(text);
        if (!fresh.isEmpty()) {
          pieces.accept(fresh);
        }
      }

      @Override
      public boolean wantsMore(int request) {
        return !stopping;
      }

      @Override
      public void onCompletion(int request, Completion completion) {
        reason[0] = completion.reason();
      }
    };
  }

  private int[] encode(List<Turn> asked) {
    List<Turn> all = new ArrayList<>();
    if (!system.isEmpty()) {
      all.add(new Turn(Role.SYSTEM, system));
    }
    all.addAll(asked);
    return model.encode(new Conversation("", Origin.UNKNOWN, all), template);
  }

  private int positions() {
    return model.info().maxPositionEmbeddings();
  }

  private boolean hasRoom(int[] prompt) {
    int room = Math.min(generation.maxNewTokens(), positions() / LEAST_SHARE_OF_ANSWER);
    return prompt.length + Math.max(1, room) <= positions();
  }
}
