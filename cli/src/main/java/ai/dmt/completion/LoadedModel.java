package ai.dmt.completion;

import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.generate.TextGenerator;
import ai.dmt.run.ModelInfo;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A model folder that completes prompts. Its weights are loaded when they are first needed, so that
 * prompts can be checked before. One thread at a time uses it.
 */
public final class LoadedModel implements AutoCloseable {
  private final ModelInfo info;
  private final Tokenizer tokenizer;
  private final EngineConfig config;
  private NativeEngine engine; // null until it is needed

  private LoadedModel(ModelInfo info, Tokenizer tokenizer, EngineConfig config) {
    this.info = info;
    this.tokenizer = tokenizer;
    this.config = config;
  }

  /**
   * Reads what the folder says of itself, and the tokenizer.
   *
   * @throws ConfigException if the folder is no model
   */
  public static LoadedModel open(Path folder, EngineConfig config) {
    ModelInfo info = ModelInfo.read(folder);
    return new LoadedModel(info, Tokenizer.load(folder), config);
  }

  /** What the folder says of itself. */
  public ModelInfo info() {
    return info;
  }

  /** The model's tokenizer; it stays this object's. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The engine; it stays this object's. */
  public NativeEngine engine() {
    if (engine == null) {
      engine = NativeEngine.open(info.folder(), config);
    }
    return engine;
  }

  /**
   * A prompt as tokens; it may be longer than the model's positions, see {@link #fits}.
   *
   * @throws ConfigException if the tokenizer does not belong to the model
   */
  public int[] encode(Conversation conversation, ChatTemplate template) {
    int[] tokens = template.encodePrompt(conversation, tokenizer);
    for (int id : tokens) {
      if (id >= info.vocabSize()) {
        throw new ConfigException(
            "token id %s is outside the model's vocabulary of %s; the tokenizer in %s does not belong to this model"
                .formatted(id, info.vocabSize(), info.folder()));
      }
    }
    return tokens;
  }

  /** Whether the model has positions for a prompt and one more token. */
  public boolean fits(int[] prompt) {
    return prompt.length < info.maxPositionEmbeddings();
  }

  /**
   * Completes prompts that fit.
   *
   * @param generation how; where the model's and the template's answers end is added to its stop
   *     ids and stop strings
   */
  public void complete(
      List<GenerationRequest> requests,
      ChatTemplate template,
      GenerationConfig generation,
      GenerationListener listener) {
    if (!requests.isEmpty()) {
      new TextGenerator(engine(), tokenizer)
          .generate(requests, withStops(generation, template), listener);
    }
  }

  private GenerationConfig withStops(GenerationConfig generation, ChatTemplate template) {
    Set<Integer> ids = new HashSet<>(generation.stopIds());
    ids.addAll(SpecialTokenIds.read(info.folder()).eos());
    Arrays.stream(template.stopIds(tokenizer)).forEach(ids::add);
    List<String> texts = new ArrayList<>(generation.stopStrings());
    texts.addAll(template.stopStrings());
    return generation.withStopIds(ids).withStopStrings(texts);
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
    }
    tokenizer.close();
  }
}
