package ai.dmt.model;

import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.Turn;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.generate.TextGenerator;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model folder that answers questions and completes prompts.
 *
 * <pre>{@code
 * try (Model model = Model.open(Path.of("my-model"))) {
 *   System.out.println(model.answer("What is 2+2?"));
 * }
 * }</pre>
 *
 * <p>Its weights are loaded when they are first needed, so that prompts can be checked before. One
 * thread at a time may generate; others get an {@link IllegalStateException}. {@link #close} waits
 * for a call that is being made, and frees weights and tokenizer.
 */
public final class Model implements AutoCloseable {
  private final ModelInfo info;
  private final Tokenizer tokenizer;
  private final EngineConfig config;
  private final List<String> notices = new ArrayList<>();
  private @Nullable NativeEngine engine; // null until it is needed
  private @Nullable ChatTemplate template; // null until it is needed

  private Model(ModelInfo info, Tokenizer tokenizer, EngineConfig config) {
    this.info = info;
    this.tokenizer = tokenizer;
    this.config = config;
  }

  /**
   * Opens a folder to generate on the CPU in float32, with a thread for each core.
   *
   * @param folder with config.json, weights and a tokenizer
   * @return the model, which the caller closes
   * @throws ConfigException if the folder is no model
   */
  public static Model open(Path folder) {
    return open(folder, EngineConfig.inference());
  }

  /**
   * Reads what the folder says of itself, and the tokenizer.
   *
   * @param folder with config.json, weights and a tokenizer
   * @param config such as {@link EngineConfig#inference()} with another device
   * @return the model, which the caller closes
   * @throws ConfigException if the folder is no model
   */
  public static Model open(Path folder, EngineConfig config) {
    ModelInfo info = ModelInfo.read(folder);
    return new Model(info, Tokenizer.load(folder), config);
  }

  /** {@return what the folder says of itself} */
  public ModelInfo info() {
    return info;
  }

  /** {@return the model's tokenizer; it stays this object's} */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * {@return the template that the model was trained with, or else its own, or else vicuna_v1.1}
   *
   * @throws ConfigException if it cannot be used
   */
  public synchronized ChatTemplate template() {
    if (template == null) {
      template = ModelTemplate.choose(info.folder(), Optional.empty(), notices::add);
    }
    return template;
  }

  /**
   * {@return what a user should know of the choice of {@link #template}; empty if it is what one
   * expects}
   *
   * @throws ConfigException if the template cannot be used
   */
  public synchronized List<String> notices() {
    template();
    return List.copyOf(notices);
  }

  /**
   * Answers a question, greedily and with 256 tokens at most.
   *
   * @param question a user's only turn
   * @return the answer, which may be empty
   * @throws ConfigException if the question is longer than the model's positions
   */
  public String answer(String question) {
    return answers(List.of(Conversation.of(Turn.user(question))), GenerationConfig.greedy(256))
        .get(0);
  }

  /**
   * Answers conversations, each of which ends with a turn of the user.
   *
   * @param conversations to answer, several at a time
   * @param generation how; where answers of the model and of {@link #template} end is added
   * @return answers in the order of the conversations
   * @throws ConfigException if one is longer than the model's positions
   */
  public List<String> answers(List<Conversation> conversations, GenerationConfig generation) {
    String[] answers = new String[conversations.size()];
    List<GenerationRequest> requests = new ArrayList<>();
    for (int c = 0; c < answers.length; c++) {
      int[] prompt = encode(conversations.get(c), template());
      if (!fits(prompt)) {
        throw new ConfigException(
            "conversation %s has %s tokens; the model in %s has %s positions, one of them for an answer"
                .formatted(c, prompt.length, info.folder(), info.maxPositionEmbeddings()));
      }
      long seed = generation.sampling().seed() + c;
      requests.add(new GenerationRequest(Integer.toString(c), prompt, seed));
    }
    complete(
        requests,
        template(),
        generation,
        new GenerationListener() {
          @Override
          public void onCompletion(int request, Completion completion) {
            answers[request] = template().answer(completion.text());
          }
        });
    return List.of(answers);
  }

  /** {@return the engine; it stays this object's. The weights are loaded by the first call} */
  public synchronized NativeEngine engine() {
    if (engine == null) {
      engine = NativeEngine.open(info.folder(), config);
    }
    return engine;
  }

  /**
   * {@return a prompt as tokens, [tokens]; it may be longer than the model's positions, see {@link
   * #fits}}
   *
   * @param conversation its last turn is the user's
   * @param template how it is written
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

  /**
   * {@return whether the model has positions for a prompt and one more token}
   *
   * @param prompt [tokens], begin token included
   */
  public boolean fits(int[] prompt) {
    return prompt.length < info.maxPositionEmbeddings();
  }

  /**
   * Completes prompts that fit.
   *
   * @param requests their prompts are of {@link #encode}; nothing is loaded where there are none
   * @param template that they were written with
   * @param generation how; where the model's and the template's answers end is added to its stop
   *     ids and stop strings
   * @param listener gets the completions, in the calling thread
   * @throws ConfigException if a prompt does not fit
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

  /**
   * {@return a choice that ends also where answers of the model and of a template do}
   *
   * @param generation its stop ids and stop strings stay
   * @param template that prompts are written with
   */
  public GenerationConfig withStops(GenerationConfig generation, ChatTemplate template) {
    Set<Integer> ids = new HashSet<>(generation.stopIds());
    ids.addAll(SpecialTokenIds.read(info.folder()).eos());
    Arrays.stream(template.stopIds(tokenizer)).forEach(ids::add);
    List<String> texts = new ArrayList<>(generation.stopStrings());
    texts.addAll(template.stopStrings());
    return generation.withStopIds(ids).withStopStrings(texts);
  }

  @Override
  public synchronized void close() {
    if (engine != null) {
      engine.close();
    }
    tokenizer.close();
  }
}
