package ai.dmt.generate;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Completes prompts, several at a time: as soon as one ends, the next takes its slot. What a
 * request gets does not depend on the others. The engine is the calling thread's from the beginning
 * of a generation to its end; a generator holds no memory of its own and needs no closing.
 *
 * <pre>{@code
 * int[] prompt = template.encodePrompt(Conversation.of(Turn.user("What is 2 + 2?")), tokenizer);
 * List<Completion> completions =
 *     new TextGenerator(engine, tokenizer)
 *         .generate(List.of(prompt), GenerationConfig.greedy(256, tokenizer.eosId()));
 * String answer = template.answer(completions.get(0).text());
 * }</pre>
 */
public final class TextGenerator {
  private final TrainingEngine engine;
  private final Tokenizer tokenizer;

  /**
   * Makes a generator. Engine and tokenizer stay the caller's.
   *
   * @param engine with the model that completes
   * @param tokenizer of that model; turns its tokens into text
   */
  public TextGenerator(TrainingEngine engine, Tokenizer tokenizer) {
    this.engine = engine;
    this.tokenizer = tokenizer;
  }

  /**
   * Completes prompts. Request i has id "i" and the seed {@code config.sampling().seed() + i}.
   *
   * @param prompts each [tokens], begin token included
   * @param config what ends a completion and how tokens are chosen
   * @return in the order of the prompts
   * @throws ConfigException if a prompt leaves no room for an answer
   * @throws IllegalStateException if another thread uses the engine, or closes it meanwhile
   */
  public List<Completion> generate(List<int[]> prompts, GenerationConfig config) {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      requests.add(
          new GenerationRequest(Integer.toString(i), prompts.get(i), config.sampling().seed() + i));
    }
    return generate(requests, config, new GenerationListener() {});
  }

  /**
   * Completes requests.
   *
   * @param requests each prompt with its own seed; the seed of the configuration is not used
   * @param config what ends a completion and how tokens are chosen
   * @param listener sees the completions while they grow, in the calling thread
   * @return in the order of the requests
   * @throws ConfigException if a prompt leaves no room for an answer, or is for an adapter that the
   *     engine does not have
   * @throws IllegalStateException if another thread uses the engine, or closes it meanwhile
   */
  public List<Completion> generate(
      List<GenerationRequest> requests, GenerationConfig config, GenerationListener listener) {
    if (requests.isEmpty()) {
      return List.of();
    }
    AtomicBoolean stopped = new AtomicBoolean();
    Runnable stop = () -> stopped.set(true);
    return engine.during(
        "generate", stop, () -> completions(requests, config, listener, stopped::get));
  }

  private List<Completion> completions(
      List<GenerationRequest> requests,
      GenerationConfig config,
      GenerationListener listener,
      BooleanSupplier stopped) {
    int maxTokens = checkedMaxTokens(requests, config);
    RankRequests own = new RankRequests(engine, requests.size());
    int slots = Math.min(config.batchSize(), Math.max(1, own.count()));
    Completion[] completions = new Completion[requests.size()];
    try (GenerationSession session = engine.openSession(slots, maxTokens)) {
      RunningBatch batch = new RunningBatch(session, tokenizer);
      int opened = 0;
      while (own.anyLeft(own.count() - opened + batch.size())) {
        if (stopped.getAsBoolean() && engine.worldSize() == 1) { // other ranks would wait for this
          throw new IllegalStateException(
              "the generation has ended after %s of %s requests: its engine is being closed"
                  .formatted(opened - batch.size(), requests.size()));
        }
        int fresh = Math.min(batch.free(), own.count() - opened);
        int most = own.most(fresh);
        for (int i = 0; i < most; i++) {
          if (i < fresh) {
            int number = own.number(opened++);
            batch.start(number, requests.get(number), config, listener);
          } else {
            session.takePart();
          }
        }
        batch.step(
            (request, token) -> {
              own.record(request.number(), token);
              request.take(token);
              if (request.finished()) {
                completions[request.number()] = request.completion();
              }
            });
      }
      addOthers(own.ofOthers(), requests, config, batch, completions, listener);
    }
    return Arrays.asList(completions);
  }

  /** Completes what other ranks have answered, from their tokens. */
  private static void addOthers(
      Map<Integer, int[]> tokens,
      List<GenerationRequest> requests,
      GenerationConfig config,
      RunningBatch batch,
      Completion[] completions,
      GenerationListener listener) {
    tokens.forEach(
        (number, ids) -> {
          ActiveRequest request = batch.request(number, requests.get(number), config, listener);
          for (int id : ids) {
            request.take(id);
          }
          completions[number] = request.completion();
        });
  }

  /** Longest prompt and its answer together, at most what the model has positions for. */
  private int checkedMaxTokens(List<GenerationRequest> requests, GenerationConfig config) {
    int positions = engine.model().maxPositionEmbeddings();
    int longest = 0;
    for (GenerationRequest request : requests) {
      int length = request.prompt().length;
      if (length == 0 || length >= positions) {
        throw new ConfigException(
            "prompt %s has %s tokens, expected 1 to %s: the model has %s positions, and an answer needs one"
                .formatted(request.id(), length, positions - 1, positions));
      }
      request.demandAdapter(engine.adapters());
      longest = Math.max(longest, length);
    }
    return (int) Math.min((long) longest + config.maxNewTokens(), positions);
  }
}
