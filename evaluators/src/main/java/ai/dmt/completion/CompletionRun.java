package ai.dmt.completion;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Completes prompts with a model. Prompts are checked before the weights are loaded.
 *
 * @param model stays the caller's
 * @param template for the prompts
 * @param generation how completions are made, see {@link Model#complete}
 * @param notices takes sentences on the folder's files
 */
public record CompletionRun(
    Model model, ChatTemplate template, GenerationConfig generation, Consumer<String> notices) {

  /**
   * Completes prompts; prompt i is sampled with the seed {@code seed + i}.
   *
   * @param prompts in the order in which they are asked
   * @param listener told of each completion
   * @throws DataException if a prompt does not fit
   */
  public void complete(List<PromptRecord> prompts, GenerationListener listener) {
    model.tokenizer().notes().forEach(note -> notices.accept("warning: " + note));
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      requests.add(
          new GenerationRequest(
              prompts.get(i).id(), tokens(prompts.get(i)), generation.sampling().seed() + i));
    }
    model.complete(requests, template, generation, listener);
  }

  private int[] tokens(PromptRecord prompt) {
    int[] tokens = model.encode(prompt.conversation(), template);
    if (!model.fits(tokens)) {
      int positions = model.info().maxPositionEmbeddings();
      throw new DataException(
          prompt.origin(),
          "prompt has %s tokens, expected at most %s: the model has %s positions, and an answer needs one"
              .formatted(tokens.length, positions - 1, positions));
    }
    return tokens;
  }
}
