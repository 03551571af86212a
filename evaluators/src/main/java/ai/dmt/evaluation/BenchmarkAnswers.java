package ai.dmt.evaluation;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.PromptTemplate;
import ai.dmt.data.Turn;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import ai.dmt.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Puts a benchmark's prompts to a model, round after round. What a prompt gets depends on model,
 * template, settings and its place among the prompts of its round alone: neither on the batch nor
 * on which prompts follow.
 */
public final class BenchmarkAnswers {
  private static final ChatTemplate RAW = new PromptTemplate();

  private final Model model;
  private final ChatTemplate template;
  private final AnswerSettings settings;

  /**
   * Makes it; nothing is asked yet.
   *
   * @param model stays the caller's
   * @param template for prompts that are conversations; others go without
   * @param settings how long answers are, how many prompts go at once, and the seed
   */
  public BenchmarkAnswers(Model model, ChatTemplate template, AnswerSettings settings) {
    this.model = model;
    this.template = template;
    this.settings = settings;
  }

  /** How prompts are written and answered: those of one kind are generated together. */
  private record Kind(boolean raw, GenerationSettings generation) {}

  /** The prompts of a kind, and their places among all. */
  private static final class Asked {
    private final List<GenerationRequest> requests = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
  }

  /**
   * Answers all prompts, round after round. Prompts that do not fit the model are there too, see
   * {@link PromptAnswer#isTooLong}.
   *
   * @param benchmark whose prompts are put to the model
   * @param done called after each answer with how many of its round there are
   * @return the answers, round after round, in the order of the prompts
   */
  public List<PromptAnswer> of(Benchmark benchmark, IntConsumer done) {
    List<PromptAnswer> answers = new ArrayList<>();
    List<CompletionRecord> completions = new ArrayList<>();
    List<Prompt> prompts = benchmark.prompts();
    for (int round = 0; !prompts.isEmpty(); round++) {
      for (PromptAnswer answer : round(round, prompts, done)) {
        answers.add(answer);
        completions.add(answer.record());
      }
      prompts = benchmark.followUps(List.copyOf(completions));
    }
    return answers;
  }

  /**
   * Reads answers that {@link BenchmarkOutcome#write} wrote, to score them again.
   *
   * @param benchmark that was asked
   * @param file of completions
   * @return the answers, round after round
   * @throws DataException if they are not those of the benchmark's prompts
   */
  public static List<PromptAnswer> read(Benchmark benchmark, Path file) {
    List<JsonRecord> lines = JsonLines.read(file, line -> line);
    List<PromptAnswer> answers = new ArrayList<>();
    List<CompletionRecord> completions = new ArrayList<>();
    List<Prompt> prompts = benchmark.prompts();
    while (!prompts.isEmpty()) {
      for (Prompt prompt : prompts) {
        if (answers.size() == lines.size()) {
          throw new DataException(
              new Origin(file.toString(), 0), "has no answer to " + prompt.id());
        }
        JsonRecord line = lines.get(answers.size());
        PromptAnswer answer =
            new PromptAnswer(
                prompt,
                line.wholeNumber("prompt_tokens"),
                line.text("completion"),
                line.text("finish_reason"),
                line.wholeNumber("tokens"));
        if (!line.text("id").equals(prompt.id())) {
          throw new DataException(
              line.origin(), "answers %s, expected %s".formatted(line.text("id"), prompt.id()));
        }
        answers.add(answer);
        completions.add(answer.record());
      }
      prompts = benchmark.followUps(List.copyOf(completions));
    }
    return answers;
  }

  private List<PromptAnswer> round(int round, List<Prompt> prompts, IntConsumer done) {
    PromptAnswer[] answers = new PromptAnswer[prompts.size()];
    Map<Kind, Asked> kinds = new LinkedHashMap<>();
    int[] count = new int[1];
    for (int i = 0; i < answers.length; i++) {
      Prompt prompt = prompts.get(i);
      Kind kind = new Kind(prompt.text() != null, prompt.generation());
      int[] tokens = model.encode(conversation(prompt), template(kind));
      if (!model.fits(tokens)) {
        answers[i] = PromptAnswer.tooLong(prompt, tokens.length);
        done.accept(++count[0]);
        continue;
      }
      long seed = settings.seed() + ((long) round << Integer.SIZE) + i;
      Asked asked = kinds.computeIfAbsent(kind, each -> new Asked());
      asked.requests.add(new GenerationRequest(prompt.id(), tokens, seed));
      asked.places.add(i);
    }
    kinds.forEach(
        (kind, asked) ->
            model.complete(
                asked.requests,
                template(kind),
                config(kind.generation()),
                new GenerationListener() {
                  @Override
                  public void onCompletion(int request, Completion completion) {
                    int place = asked.places.get(request);
                    answers[place] =
                        new PromptAnswer(
                            prompts.get(place),
                            asked.requests.get(request).prompt().length,
                            template(kind).answer(completion.text()),
                            completion.reason().name().toLowerCase(Locale.ROOT),
                            completion.tokenIds().length);
                    done.accept(++count[0]);
                  }
                }));
    return List.of(answers);
  }

  private ChatTemplate template(Kind kind) {
    return kind.raw() ? RAW : template;
  }

  private static Conversation conversation(Prompt prompt) {
    return prompt.text() == null
        ? Objects.requireNonNull(prompt.conversation()) // a prompt is one of both
        : Conversation.of(Turn.user(prompt.text()));
  }

  private GenerationConfig config(GenerationSettings wanted) {
    int longest =
        settings.maxNewTokens() == 0
            ? wanted.maxNewTokens()
            : Math.min(wanted.maxNewTokens(), settings.maxNewTokens());
    return new GenerationConfig(
        longest,
        new SamplingConfig(wanted.temperature(), wanted.topP(), settings.seed()),
        wanted.stops(),
        Set.of(),
        settings.batchSize());
  }
}
