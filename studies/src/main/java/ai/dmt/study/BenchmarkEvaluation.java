package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.TemplateNames;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.AnswerSettings;
import ai.dmt.evaluation.BenchmarkAnswers;
import ai.dmt.evaluation.BenchmarkOutcome;
import ai.dmt.evaluation.EvaluatedModel;
import ai.dmt.evaluation.PromptAnswer;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.internal.text.Units;
import ai.dmt.model.Model;
import ai.dmt.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Scores the models of a study. Problems are read, and a sandbox is tried, once and before anything
 * is trained. Every model, the base too, is asked in the template that the study trains with.
 */
public final class BenchmarkEvaluation implements CellEvaluation {
  private final Recipe recipe;
  private final Map<String, Benchmark> benchmarks = new LinkedHashMap<>();

  /**
   * Opens the benchmarks.
   *
   * @param study whose benchmarks are opened
   * @throws ai.dmt.config.ConfigException if a benchmark or one of its options is unknown
   * @throws ai.dmt.data.DataException if problems are at fault
   */
  public BenchmarkEvaluation(StudyDefinition study) {
    this.recipe = study.recipe();
    study.benchmarks().forEach((name, settings) -> benchmarks.put(name, open(name, settings)));
  }

  private static Benchmark open(String name, BenchmarkRecipe settings) {
    Evaluator evaluator = Evaluators.byName(name);
    Map<String, String> options = new LinkedHashMap<>(settings.options());
    if (evaluator.runsCode()) {
      options.put(Evaluator.ALLOW_CODE_EXECUTION, Boolean.toString(settings.allowCodeExecution()));
    }
    return evaluator.open(
        Path.of(settings.problems()),
        new BenchmarkOptions(settings.limit() == 0 ? null : settings.limit(), options));
  }

  @Override
  public String evaluate(String benchmark, BenchmarkRecipe settings, Path model, Path folder)
      throws IOException {
    Benchmark opened = Objects.requireNonNull(benchmarks.get(benchmark), benchmark);
    if (opened.unscorable().isPresent()) {
      throw new MissingScoreException(opened.unscorable().get());
    }
    long start = System.nanoTime();
    ChatTemplate template = TemplateNames.find(recipe.data().template(), Path.of(recipe.model()));
    AnswerSettings answers =
        new AnswerSettings(settings.maxNewTokens(), settings.batchSize(), recipe.training().seed());
    BenchmarkOutcome outcome;
    try (Model loaded = Model.open(model, engine())) {
      List<PromptAnswer> given =
          new BenchmarkAnswers(loaded, template, answers).of(opened, done -> {});
      outcome = BenchmarkOutcome.of(opened, given);
    }
    outcome.write(opened, EvaluatedModel.of(model).name(), folder);
    double seconds = (System.nanoTime() - start) * 1e-9;
    long tokens = outcome.answers().stream().mapToLong(PromptAnswer::tokens).sum();
    NodeTraining.writeTiming(folder, benchmark, tokens, 0, seconds);
    return text(outcome, settings);
  }

  private EngineConfig engine() {
    EngineConfig training = recipe.engine().engineConfig(List.of("data"));
    return EngineConfig.inference()
        .withDevice(training.device())
        .withComputeDType(recipe.engine().dtype())
        .withThreads(recipe.engine().threads());
  }

  /** The scores that tables show, and the answers. */
  private static String text(BenchmarkOutcome outcome, BenchmarkRecipe settings) {
    ScoreReport report = Objects.requireNonNull(outcome.report()); // it is no unscorable one
    List<Score> all = report.scores();
    List<String> shown =
        settings.scores().isEmpty() ? List.of(title(all.get(0))) : settings.scores();
    List<String> words = new ArrayList<>();
    for (String title : shown) {
      Score score =
          all.stream()
              .filter(each -> title(each).equals(title))
              .findFirst()
              .orElseThrow(() -> new ConfigException(unknown(title, report)));
      words.add(Units.format("%s %.3f", title, score.score()));
    }
    words.add(outcome.summary());
    return String.join(", ", words);
  }

  private static String unknown(String title, ScoreReport report) {
    return "benchmarks.%s.scores: there is no score \"%s\"; there are %s"
        .formatted(
            report.benchmark(),
            title,
            report.scores().stream()
                .map(BenchmarkEvaluation::title)
                .collect(Collectors.joining(", ")));
  }

  private static String title(Score score) {
    return score.mode() == null ? score.name() : score.name() + "/" + score.mode();
  }
}
