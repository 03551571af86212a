package ai.dmt.model;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.SpecialTokenIds;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.TemplateFile;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
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
 * <p>Adapters can stand beside it, of which each request chooses one, or none; all of them share
 * the model's weights and one running batch:
 *
 * <pre>{@code
 * try (Model model = Model.open(Path.of("base"), Map.of("math", Path.of("math-adapter")))) {
 *   System.out.println(model.answer("What is 2+2?"));
 *   System.out.println(model.answer("What is 2+2?", "math"));
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
  private final @Nullable AdapterFolder own; // null for a model that is none's base
  private final Map<String, AdapterFolder> adapters; // in their order
  private final Map<String, ChatTemplate> adapterTemplates = new HashMap<>(); // those needed so far
  private final List<String> notices = new ArrayList<>();
  private @Nullable NativeEngine engine; // null until it is needed
  private @Nullable ChatTemplate template; // null until it is needed

  private Model(
      ModelInfo info,
      Tokenizer tokenizer,
      EngineConfig config,
      @Nullable AdapterFolder own,
      Map<String, AdapterFolder> adapters) {
    this.info = info;
    this.tokenizer = tokenizer;
    this.config = config;
    this.own = own;
    this.adapters = adapters;
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
    return open(folder, Map.of(), config);
  }

  /**
   * Opens a folder with adapters beside it, to generate on the CPU in float32.
   *
   * @param base with config.json, weights and a tokenizer
   * @param adapters PEFT's folders by the names that requests call them by; the base that one names
   *     need not be there, but where dmt has noted what it was trained on, it must be this one
   * @return the model, which the caller closes
   * @throws ConfigException if the folder is no model, or another one is no adapter of such a model
   */
  public static Model open(Path base, Map<String, Path> adapters) {
    return open(base, adapters, EngineConfig.inference());
  }

  /**
   * The same with another engine.
   *
   * @param base with config.json, weights and a tokenizer
   * @param adapters PEFT's folders by the names that requests call them by
   * @param config such as {@link EngineConfig#inference()} with another device
   * @return the model, which the caller closes
   * @throws ConfigException if the folder is no model, or another one is no adapter of such a model
   */
  public static Model open(Path base, Map<String, Path> adapters, EngineConfig config) {
    ModelInfo info = ModelInfo.read(base);
    if (AdapterFolder.isAdapter(base)) {
      AdapterFolder own = AdapterFolder.read(base);
      if (adapters.isEmpty()) {
        return open(own, config);
      }
      throw new ConfigException(
          "%s is an adapter itself, and others cannot stand beside it; open its base, %s, with all of them"
              .formatted(base, own.base()));
    }
    Map<String, AdapterFolder> read = new LinkedHashMap<>();
    adapters.forEach((name, folder) -> read.put(name, ModelInfo.adapter(folder, base)));
    return new Model(info, Tokenizer.load(base), config, null, Collections.unmodifiableMap(read));
  }

  /**
   * Opens an adapter's folder, whose base may be another one than its settings name.
   *
   * @param adapter the adapter's folder and its base, see {@link AdapterFolder#read(Path, Path)}
   * @param config such as {@link EngineConfig#inference()}
   * @return the model, which the caller closes
   * @throws ConfigException if the adapter is none of such a model
   */
  public static Model open(AdapterFolder adapter, EngineConfig config) {
    ModelInfo info = ModelInfo.read(adapter);
    return new Model(info, Tokenizer.load(adapter), config, adapter, Map.of());
  }

  /** {@return the adapters beside this model by the names that it was opened with} */
  public Map<String, AdapterFolder> adapters() {
    return adapters;
  }

  /** {@return what the folder says of itself} */
  public ModelInfo info() {
    return info;
  }

  /** {@return the model's tokenizer; it stays this object's} */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** {@return the folder that the tokenizer is of: the model's, or an adapter's base} */
  public Path tokenizerFolder() {
    return own == null ? AdapterFolder.tokenizerOf(info.folder()) : own.tokenizer();
  }

  /**
   * {@return the template that the model was trained with, or else its own, or else vicuna_v1.1}
   *
   * @throws ConfigException if it cannot be used
   */
  public synchronized ChatTemplate template() {
    if (template == null) {
      template = template(Optional.empty(), notices::add);
    }
    return template;
  }

  /**
   * {@return the template that was asked for, or else {@link #template()}}
   *
   * @param asked see {@link ai.dmt.data.TemplateNames}
   * @param notices takes sentences on what is not obvious of the choice
   * @throws ConfigException if it cannot be used
   */
  public ChatTemplate template(Optional<String> asked, Consumer<String> notices) {
    return own == null
        ? ModelTemplate.choose(info.folder(), asked, notices)
        : ModelTemplate.choose(own, asked, notices);
  }

  /**
   * {@return the template that an adapter was trained with, or else its own, or else {@link
   * #template()}}
   *
   * @param adapter one of {@link #adapters()}
   * @throws ConfigException if there is no such adapter, or its template cannot be used
   */
  public synchronized ChatTemplate template(String adapter) {
    ChatTemplate known = adapterTemplates.get(adapter);
    if (known == null) {
      Path folder = adapterFolder(adapter).folder();
      boolean own = adapterFolder(adapter).tokenizer().equals(folder);
      known =
          TemplateFile.saved(folder)
              .or(() -> own ? TemplateFile.own(folder) : Optional.empty())
              .orElseGet(this::template);
      adapterTemplates.put(adapter, known);
    }
    return known;
  }

  private AdapterFolder adapterFolder(String name) {
    AdapterFolder adapter = adapters.get(name);
    if (adapter == null) {
      throw new ConfigException(
          "there is no adapter \"%s\" beside %s, which was opened with %s"
              .formatted(
                  name,
                  info.folder(),
                  adapters.isEmpty() ? "none" : String.join(", ", adapters.keySet())));
    }
    return adapter;
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
   * Answers a question with an adapter, greedily and with 256 tokens at most.
   *
   * @param question a user's only turn
   * @param adapter one of {@link #adapters()}
   * @return the answer, which may be empty
   * @throws ConfigException if there is no such adapter, or the question is longer than the model's
   *     positions
   */
  public String answer(String question, String adapter) {
    List<Conversation> asked = List.of(Conversation.of(Turn.user(question)));
    return answers(asked, GenerationConfig.greedy(256), adapter).get(0);
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
    return answers(conversations, generation, template(), Optional.empty());
  }

  /**
   * Answers conversations with an adapter.
   *
   * @param conversations to answer, several at a time
   * @param generation how; where answers of the model and of {@link #template(String)} end is added
   * @param adapter one of {@link #adapters()}
   * @return answers in the order of the conversations
   * @throws ConfigException if there is no such adapter, or a conversation is longer than the
   *     model's positions
   */
  public List<String> answers(
      List<Conversation> conversations, GenerationConfig generation, String adapter) {
    return answers(conversations, generation, template(adapter), Optional.of(adapter));
  }

  private List<String> answers(
      List<Conversation> conversations,
      GenerationConfig generation,
      ChatTemplate template,
      Optional<String> adapter) {
    String[] answers = new String[conversations.size()];
    List<GenerationRequest> requests = new ArrayList<>();
    for (int c = 0; c < answers.length; c++) {
      int[] prompt = encode(conversations.get(c), template);
      if (!fits(prompt)) {
        throw new ConfigException(
            "conversation %s has %s tokens; the model in %s has %s positions, one of them for an answer"
                .formatted(c, prompt.length, info.folder(), info.maxPositionEmbeddings()));
      }
      long seed = generation.sampling().seed() + c;
      requests.add(new GenerationRequest(Integer.toString(c), prompt, seed, adapter));
    }
    complete(
        requests,
        template,
        generation,
        new GenerationListener() {
          @Override
          public void onCompletion(int request, Completion completion) {
            answers[request] = template.answer(completion.text());
          }
        });
    return List.of(answers);
  }

  /** {@return the engine; it stays this object's. The weights are loaded by the first call} */
  public synchronized NativeEngine engine() {
    if (engine == null) {
      NativeEngine opened =
          own == null ? NativeEngine.open(info.folder(), config) : NativeEngine.open(own, config);
      try {
        adapters.forEach(opened::addAdapter);
      } catch (RuntimeException | Error e) {
        opened.close();
        throw e;
      }
      engine = opened;
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
   * @throws ConfigException if a prompt does not fit, or is for an adapter that is not there
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
    ids.addAll(SpecialTokenIds.read(own == null ? info.folder() : own.base()).eos());
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
