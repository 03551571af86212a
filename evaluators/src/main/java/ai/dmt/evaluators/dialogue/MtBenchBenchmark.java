package ai.dmt.evaluators.dialogue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.judge.Judge;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.MtBenchPrompts;
import ai.dmt.evaluators.mtbench.MtBenchScorer;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Questions of MT-Bench, asked turn after turn, with the judge of the answers. Completions of a
 * question's id are its turns.
 */
public final class MtBenchBenchmark implements Benchmark {
  static final String NAME = "mtbench";

  private static final String JUDGED_MODEL = "model";

  private final List<Question> questions;
  private final @Nullable Double temperature; // null for that of each category
  private final @Nullable Judging judging; // null where there is none
  private final String fault; // why there is none

  MtBenchBenchmark(
      List<Question> questions,
      @Nullable Double temperature,
      @Nullable Judging judging,
      String fault) {
    this.questions = List.copyOf(questions);
    this.temperature = temperature;
    this.judging = judging;
    this.fault = fault;
  }

  /**
   * Takes questions with a judge of one's own, which is asked about one answer after the other and
   * is shown no references; {@link ai.dmt.evaluators.judge.JudgingRun} asks about many at once.
   *
   * @param questions in the order in which they are asked
   * @param judge asked when completions are scored
   */
  public MtBenchBenchmark(List<Question> questions, Judge judge) {
    this(questions, null, Judging.by(judge), "");
  }

  @Override
  public List<Prompt> prompts() {
    return questions.stream().map(question -> prompt(question, List.of())).toList();
  }

  @Override
  public List<Prompt> followUps(List<CompletionRecord> answered) {
    Map<String, List<String>> turns = turns(answered);
    List<Prompt> prompts = new ArrayList<>();
    for (Question question : questions) {
      List<String> answers = turns.getOrDefault(question.id(), List.of());
      if (answers.size() < question.turns().size()) {
        prompts.add(prompt(question, answers));
      }
    }
    return prompts;
  }

  private Prompt prompt(Question question, List<String> answers) {
    double chosen =
        temperature == null ? MtBenchPrompts.temperature(question.category()) : temperature;
    return new Prompt(
        question.id(),
        MtBenchPrompts.conversation(question, answers),
        null,
        new GenerationSettings(chosen, 1, MtBenchPrompts.MAX_NEW_TOKENS, List.of()));
  }

  @Override
  public Optional<String> unscorable() {
    return judging == null ? Optional.of(fault) : Optional.empty();
  }

  /**
   * Has all answers judged and averages the ratings.
   *
   * @throws ai.dmt.evaluators.UnscoredException if the judge could not be asked
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  @Override
  public ScoreReport score(List<CompletionRecord> completions) {
    if (judging == null) {
      throw new ConfigException(fault);
    }
    Map<String, ModelAnswer> answers = answers(JUDGED_MODEL, completions);
    try {
      return new MtBenchScorer(judging.judge(questions, answers), questions).report();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  /** Writes {@code model_answer/MODEL.jsonl}, which FastChat and {@code dmt judge} read. */
  @Override
  public void export(String model, List<CompletionRecord> completions, Path folder) {
    Path file = folder.resolve("model_answer").resolve(model + ".jsonl");
    List<String> lines = new ArrayList<>();
    answers(model, completions).values().forEach(answer -> lines.add(answer.json()));
    try {
      OutputPlace.make(file.resolveSibling("")); // a model's name may be a path
      FileOutput.write(file, String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + Disk.reason(e), e);
    }
  }

  private Map<String, ModelAnswer> answers(String model, List<CompletionRecord> completions) {
    Map<String, List<String>> turns = turns(completions);
    double now = Instant.now().toEpochMilli() / 1000.0;
    Map<String, ModelAnswer> answers = new LinkedHashMap<>();
    for (Question question : questions) {
      List<String> given = turns.getOrDefault(question.id(), List.of());
      if (given.size() != question.turns().size()) {
        throw new DataException(
            question.origin(),
            "question %s has %s turns and %s completions, expected one for each turn"
                .formatted(question.id(), question.turns().size(), given.size()));
      }
      answers.put(question.id(), MtBenchPrompts.answer(question, model, given, now));
    }
    return answers;
  }

  /** What was answered to each question so far. */
  private Map<String, List<String>> turns(List<CompletionRecord> completions) {
    Map<String, List<String>> turns = new LinkedHashMap<>();
    questions.forEach(question -> turns.put(question.id(), new ArrayList<>()));
    for (CompletionRecord completion : completions) {
      List<String> given = turns.get(completion.id());
      if (given == null) {
        throw new DataException(
            completion.origin(), "no question has the id \"%s\"".formatted(completion.id()));
      }
      given.add(completion.completion().strip()); // as FastChat does
    }
    return turns;
  }
}
