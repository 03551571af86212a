package ai.dmt.completion;

import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.generate.TextGenerator;
import ai.dmt.run.ModelInfo;
import ai.dmt.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Completes prompts with a model folder. Prompts are checked before the weights are loaded.
 *
 * @param model folder
 * @param template for the prompts
 * @param engine how to compute
 * @param generation how completions are made; where the model's and the template's answers end is
 *     added to its stop ids and stop strings
 */
public record CompletionRun(
    ModelInfo model, ChatTemplate template, EngineConfig engine, GenerationConfig generation) {

  /**
   * Completes prompts; prompt i is sampled with the seed {@code seed + i}.
   *
   * @throws DataException if a prompt does not fit
   */
  public void complete(List<PromptRecord> prompts, GenerationListener listener) {
    try (Tokenizer tokenizer = Tokenizer.load(model.folder())) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        requests.add(
            new GenerationRequest(
                prompts.get(i).id(),
                tokens(prompts.get(i), tokenizer),
                generation.sampling().seed() + i));
      }
      GenerationConfig config = withStops(tokenizer);
      try (NativeEngine opened = NativeEngine.open(model.folder(), engine)) {
        new TextGenerator(opened, tokenizer).generate(requests, config, listener);
      }
    }
  }

  private GenerationConfig withStops(Tokenizer tokenizer) {
    Set<Integer> ids = new HashSet<>(generation.stopIds());
    ids.addAll(SpecialTokenIds.read(model.folder()).eos());
    Arrays.stream(template.stopIds(tokenizer)).forEach(ids::add);
    List<String> texts = new ArrayList<>(generation.stopStrings());
    texts.addAll(template.stopStrings());
    return generation.withStopIds(ids).withStopStrings(texts);
  }

  private int[] tokens(PromptRecord prompt, Tokenizer tokenizer) {
    int[] tokens = template.encodePrompt(prompt.conversation(), tokenizer);
    int positions = model.maxPositionEmbeddings();
    if (tokens.length >= positions) {
      throw new DataException(
          prompt.origin(),
          "prompt has %d tokens, expected at most %d: the model has %d positions, and an answer needs one"
              .formatted(tokens.length, positions - 1, positions));
    }
    for (int id : tokens) {
      if (id >= model.vocabSize()) {
        throw new ConfigException(
            "token id %d is outside the model's vocabulary of %d; the tokenizer in %s does not belong to this model"
                .formatted(id, model.vocabSize(), model.folder()));
      }
    }
    return tokens;
  }
}
