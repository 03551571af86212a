package ai.dmt.evaluation;

import ai.dmt.data.ChatTemplate;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.model.Model;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Scores a model on benchmarks: what {@code dmt evaluate} does, for programs.
 *
 * <pre>{@code
 * try (Model model = Model.open(folder)) {
 *   BenchmarkOutcome outcome = ModelEvaluation.of(model).run("gsm8k", Path.of("test.jsonl"));
 *   outcome.report().scores().forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>Immutable; used by one thread at a time, as the model is.
 */
public final class ModelEvaluation {
  private final Model model;
  private final @Nullable ChatTemplate template; // null: the model's, when it is needed
  private final AnswerSettings answers;

  private ModelEvaluation(Model model, @Nullable ChatTemplate template, AnswerSettings answers) {
    this.model = model;
    this.template = template;
    this.answers = answers;
  }

  /**
   * Makes an evaluation with default settings.
   *
   * @param model to score; stays the caller's
   * @return an evaluation that asks in the model's own template
   */
  public static ModelEvaluation of(Model model) {
    return new ModelEvaluation(model, null, AnswerSettings.defaults());
  }

  /**
   * {@return the same with another template than {@link Model#template()}}
   *
   * @param other for prompts that are conversations
   */
  public ModelEvaluation withTemplate(ChatTemplate other) {
    return new ModelEvaluation(model, other, answers);
  }

  /**
   * {@return the same with other settings of the answers}
   *
   * @param other how long answers are, how many prompts go at once, and the seed
   */
  public ModelEvaluation withAnswers(AnswerSettings other) {
    return new ModelEvaluation(model, template, other);
  }

  /**
   * Answers all problems of a benchmark and scores the answers.
   *
   * @param benchmark name of one of {@link Evaluators#names}
   * @param problems file in the benchmark's own format
   * @return answers and scores
   * @throws ai.dmt.config.ConfigException if there is no such benchmark, or it runs programs that a
   *     model wrote, which must be allowed by an option
   * @throws ai.dmt.data.DataException if a problem is at fault
   */
  public BenchmarkOutcome run(String benchmark, Path problems) {
    return run(benchmark, problems, BenchmarkOptions.defaults());
  }

  /**
   * Answers all problems of a benchmark, with options of it, and scores the answers.
   *
   * @param benchmark name of one of {@link Evaluators#names}
   * @param problems file in the benchmark's own format
   * @param options such as {@code defaults().withLimit(100)}, or {@code
   *     defaults().with(Evaluator.ALLOW_CODE_EXECUTION, "true")}
   * @return answers and scores
   * @throws ai.dmt.config.ConfigException if there is no such benchmark, or an option is at fault
   * @throws ai.dmt.data.DataException if a problem is at fault
   */
  public BenchmarkOutcome run(String benchmark, Path problems, BenchmarkOptions options) {
    return run(Evaluators.byName(benchmark).open(problems, options));
  }

  /**
   * Answers all prompts of a benchmark and scores the answers.
   *
   * @param benchmark opened, with its options
   * @return answers and scores
   */
  public BenchmarkOutcome run(Benchmark benchmark) {
    ChatTemplate used = template == null ? model.template() : template;
    return BenchmarkOutcome.of(
        benchmark, new BenchmarkAnswers(model, used, answers).of(benchmark, done -> {}));
  }
}
