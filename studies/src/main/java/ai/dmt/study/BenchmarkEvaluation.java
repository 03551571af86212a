package ai.dmt.study;

import ai.dmt.checkpoint.ModelFolder;
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
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Units;
import ai.dmt.model.Model;
import ai.dmt.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Scores the models of a study. Problems are read, and a sandbox is tried, once and before anything
 * is trained. Every model, the base too, is asked in the template that the study trains with.
 *
 * <p>An option {@code NAME-env} names a variable of the environment that holds the option NAME,
 * such as a judge's key. What a judge replies is kept in the study's folder, and so are answers
 * that a judge did not reply to: the next start asks the judge alone.
 */
public final class BenchmarkEvaluation implements CellEvaluation {
  private static final String FROM_ENVIRONMENT = "-env";
  private static final String JUDGE = "judge-url";
  private static final String REPLIES = "judge-cache";

  private final Recipe recipe;
  private final Path judging;
  private final Map<String, Benchmark> benchmarks = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();

  /**
   * Opens the benchmarks.
   *
   * @param study whose benchmarks are opened
   * @param folder of the study
   * @param environment value of a variable; null if there is none
   * @throws ai.dmt.config.ConfigException if a benchmark or one of its options is unknown
   * @throws ai.dmt.data.DataException if problems are at fault
   */
  public BenchmarkEvaluation(
      StudyDefinition study, StudyFolder folder, Function<String, @Nullable String> environment) {
    this.recipe = study.recipe();
    this.judging = folder.root().resolve("judging");
    study.benchmarks().forEach((name, settings) -> open(name, settings, environment));
  }

  private void open(
      String name, BenchmarkRecipe settings, Function<String, @Nullable String> environment) {
    Evaluator evaluator = Evaluators.byName(settings.evaluatorOr(name));
    Path problems = Path.of(settings.problems());
    if (settings.optional() && !Files.isRegularFile(problems)) {
      missing.put(name, "there is no file " + problems);
      return;
    }
    Map<String, String> options = new LinkedHashMap<>();
    settings
        .options()
        .forEach(
            (key, value) -> {
              if (!key.endsWith(FROM_ENVIRONMENT)) {
                options.put(key, value);
                return;
              }
              String held = environment.apply(value);
              if (held == null || held.isBlank()) {
                missing.put(name, "the environment has no variable %s (%s)".formatted(value, key));
              } else {
                String option = key.substring(0, key.length() - FROM_ENVIRONMENT.length());
                options.put(option, held.strip());
              }
            });
    if (options.containsKey(JUDGE)) {
      options.put(REPLIES, judging.resolve("replies").toString());
    }
    if (evaluator.runsCode()) {
      options.put(Evaluator.ALLOW_CODE_EXECUTION, Boolean.toString(settings.allowCodeExecution()));
    }
    benchmarks.put(
        name,
        evaluator.open(
            problems,
            new BenchmarkOptions(settings.limit() == 0 ? null : settings.limit(), options)));
  }

  @Override
  public String evaluate(String benchmark, BenchmarkRecipe settings, Path model, Path folder)
      throws IOException {
    String reason = missing.get(benchmark);
    if (reason != null) {
      throw new MissingScoreException(reason);
    }
    Benchmark opened = Objects.requireNonNull(benchmarks.get(benchmark), benchmark);
    if (opened.unscorable().isPresent()) {
      throw new MissingScoreException(opened.unscorable().get());
    }
    long start = System.nanoTime();
    Path kept =
        judging.resolve(
            StudyHashes.ofText(
                String.join("\n", model.toString(), benchmark, settings.identity())));
    List<PromptAnswer> answers =
        Files.exists(kept)
            ? BenchmarkAnswers.read(opened, kept.resolve(AnsweredItems.COMPLETIONS_FILE))
            : answers(opened, settings, model);
    BenchmarkOutcome outcome = BenchmarkOutcome.of(opened, answers);
    String name = EvaluatedModel.of(model).name();
    if (outcome.missing() != null) {
      if (!Files.exists(kept)) {
        ModelFolder.write(kept, fresh -> outcome.write(opened, name, fresh));
      }
      throw new MissingScoreException(outcome.missing());
    }
    outcome.write(opened, name, folder);
    Disk.delete(kept);
    double seconds = (System.nanoTime() - start) * 1e-9;
    long tokens = outcome.answers().stream().mapToLong(PromptAnswer::tokens).sum();
    NodeTraining.writeTiming(folder, benchmark, tokens, 0, seconds);
    return text(outcome, settings);
  }

  private List<PromptAnswer> answers(Benchmark opened, BenchmarkRecipe settings, Path model)
      throws IOException {
    ChatTemplate template = TemplateNames.find(recipe.data().template(), Path.of(recipe.model()));
    AnswerSettings answers =
        new AnswerSettings(settings.maxNewTokens(), settings.batchSize(), recipe.training().seed());
    try (Model loaded = Model.open(model, engine())) {
      return new BenchmarkAnswers(loaded, template, answers).of(opened, done -> {});
    }
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
