package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DropCounts;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.AnswerSettings;
import ai.dmt.evaluation.BatchComparison;
import ai.dmt.evaluation.BenchmarkAnswers;
import ai.dmt.evaluation.BenchmarkOutcome;
import ai.dmt.evaluation.EvaluatedModel;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluation.ModelScores;
import ai.dmt.evaluation.PromptAnswer;
import ai.dmt.evaluation.SampleLossMeter;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.Units;
import ai.dmt.model.Model;
import ai.dmt.prepare.CacheUse;
import ai.dmt.run.RankIdentity;
import ai.dmt.run.RunFolder;
import ai.dmt.run.RunRank;
import ai.dmt.run.TensorBoardLog;
import ai.dmt.study.ScoredCard;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt evaluate}: scores a model, or every stage of a run. */
@Command(
    name = "evaluate",
    description = {
      "Measures a model, or the models of all stages of a run: answers to benchmarks and their"
          + " scores, held-out loss by source.",
      "Returns 1 if a score that was asked for is missing; the others are there."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Models models;

  /** One model or those of a run. */
  private static final class Models {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = ModelWords.PLACES)
    private Path model;

    @Option(
        names = "--run",
        required = true,
        paramLabel = "DIR",
        description = "Output folder of dmt train RECIPE: its base model and each stage's.")
    private Path run;
  }

  @Mixin private BaseOption base;
  @Mixin private ProgressOptions progressOptions;

  @Mixin private BenchmarkWords benchmarks;
  @Mixin private HeldOutOptions heldOut;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "The first N problems of each benchmark and samples of each source; 0 for all (default).")
  private long limit;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "evaluations",
      description =
          "Answers and scores of benchmarks go to DIR/MODEL/BENCHMARK (default:"
              + " ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all scores of all models to this file, too.")
  private Path json;

  @Mixin private TemplateOption template;
  @Mixin private CacheOptions cache;
  @Mixin private ComputeOptions compute;
  @Mixin private RankOptions ranks;
  private RunRank rank;

  @Override
  public Integer call() throws IOException {
    if (models.run == null && !heldOut.given() && !benchmarks.given()) {
      throw new ParameterException(
          spec.commandLine(),
          "nothing to measure: give --benchmarks NAME,... or --held-out RECIPE or NAME=FILE");
    }
    if (limit < 0) {
      throw new ParameterException(spec.commandLine(), "--limit must be 0 or more, got " + limit);
    }
    if (models.run != null && base.given()) {
      throw new ParameterException(
          spec.commandLine(), "--base is of one adapter; give its folder as --model");
    }
    if (models.run == null) {
      models.model = ModelWords.folder(models.model, spec.commandLine().getErr());
      base.check(models.model);
    }
    List<EvaluatedModel> evaluated =
        models.run == null
            ? List.of(EvaluatedModel.of(models.model))
            : RunFolder.models(models.run).entrySet().stream()
                .map(each -> new EvaluatedModel(each.getKey(), each.getValue()))
                .toList();
    List<BenchmarkWords.Opened> opened = benchmarks.open(limit);
    rank = ranks.rank();
    if (rank.writes()) {
      OutputPlace.demandWritable("--output", output, List.of());
      if (json != null) {
        WholeFile.demandWritable("--json", json);
      }
    }
    return rank.run(
        engine(), () -> identity(evaluated, opened), config -> evaluate(evaluated, opened, config));
  }

  /** Ranks answer each prompt together, and share out the batches of held-out samples. */
  private RunIdentity identity(List<EvaluatedModel> evaluated, List<BenchmarkWords.Opened> opened) {
    RunIdentity identity =
        RankIdentity.of(engine())
            .plus(RunIdentity.of("answers", benchmarks.answers()))
            .plus(new RunIdentity(Map.of("limit", Long.toString(limit))))
            .plus(benchmarks.identity(opened));
    for (EvaluatedModel each : evaluated) {
      identity = identity.plus(base.identity(each.folder()).under(each.name()));
    }
    return identity.plus(heldOut.identity(models.run));
  }

  /** What each rank does; they answer together, and rank 0 scores, writes and speaks. */
  private int evaluate(
      List<EvaluatedModel> evaluated, List<BenchmarkWords.Opened> opened, EngineConfig config) {
    boolean measures = heldOut.given() || (models.run != null && opened.isEmpty());
    Map<String, HeldOutLoss> losses = new LinkedHashMap<>();
    List<ModelScores> scores = new ArrayList<>();
    CacheUse use = cache.use(spec.commandLine().getErr());
    HeldOutData data = null;
    boolean complete = true;
    for (EvaluatedModel each : evaluated) {
      List<ScoreReport> reports = new ArrayList<>();
      Map<String, String> missing = new LinkedHashMap<>();
      try (Model model = base.open(each.folder(), config)) {
        if (measures) {
          if (data == null) { // the models of a run have one tokenizer
            data = heldOut.read(model, template, models.run, use, limit);
            data.drops().forEach(this::tellDrops);
          }
          HeldOutLoss loss = data.measure(model);
          losses.put(each.name(), loss);
          reports.add(loss.report());
        }
        if (!opened.isEmpty()) {
          ChatTemplate chat = template.of(model);
          for (BenchmarkWords.Opened benchmark : opened) {
            complete &= score(benchmark, each, model, chat, reports, missing);
          }
        }
      }
      scores.add(new ModelScores(each.name(), each.folder().toString(), reports, missing));
    }
    if (rank.writes()) {
      print(losses, scores);
      if (json != null) {
        ModelScores.write(json, scores);
      }
      scores.forEach(each -> tellCard(Path.of(each.folder()), each));
      if (models.run != null
          && (Files.exists(models.run.resolve("config.json"))
              || AdapterFolder.isAdapter(models.run))) {
        tellCard(models.run, scores.get(scores.size() - 1)); // the last stage's model is the run's
      }
      if (models.run != null) {
        TensorBoardLog.writeScores(models.run, this::tell);
      }
    }
    return complete ? ExitCode.OK : ExitCode.FAILED;
  }

  /** Answers and scores. @return whether all that was asked for is there */
  private boolean score(
      BenchmarkWords.Opened opened,
      EvaluatedModel evaluated,
      Model model,
      ChatTemplate chat,
      List<ScoreReport> reports,
      Map<String, String> missing) {
    AnswerSettings settings = benchmarks.answers();
    AnswerProgress progress =
        new AnswerProgress(
            "%s, %s".formatted(evaluated.name(), opened.name()), err(), progressOptions);
    List<PromptAnswer> answers =
        new BenchmarkAnswers(model, chat, settings).of(opened.benchmark(), progress);
    if (!rank.writes()) {
      return checkBatch(opened, model, chat, answers, progress);
    }
    BenchmarkOutcome outcome = BenchmarkOutcome.of(opened.benchmark(), answers);
    Path folder = output.resolve(evaluated.name()).resolve(opened.name());
    outcome.write(opened.benchmark(), evaluated.name(), folder);
    progress.say("%s, in %s".formatted(outcome.summary(), folder));
    if (outcome.report() != null) {
      reports.add(outcome.report());
    } else {
      missing.put(opened.name(), opened.missing());
    }
    return checkBatch(opened, model, chat, answers, progress) && missing.isEmpty();
  }

  /** Whether batches of another size give the same. */
  private boolean checkBatch(
      BenchmarkWords.Opened opened,
      Model model,
      ChatTemplate chat,
      List<PromptAnswer> answers,
      AnswerProgress progress) {
    if (benchmarks.checkBatch() == null) {
      return true;
    }
    AnswerSettings settings = benchmarks.answers();
    AnswerSettings other = settings.withBatchSize(benchmarks.checkBatch());
    BatchComparison comparison =
        BatchComparison.of(
            answers, new BenchmarkAnswers(model, chat, other).of(opened.benchmark(), progress));
    PrintWriter out = out();
    out.printf("%s: %s%n", opened.name(), comparison.text(settings.batchSize(), other.batchSize()));
    out.flush();
    return comparison.different().isEmpty();
  }

  private void print(Map<String, HeldOutLoss> losses, List<ModelScores> scores) {
    PrintWriter out = spec.commandLine().getOut();
    if (!losses.isEmpty()) {
      out.print(HeldOutTable.text(losses));
    }
    for (ModelScores each : scores) {
      if (scores.size() > 1 && benchmarks.given()) {
        out.printf("model %s%n", each.model());
      }
      each.reports().stream()
          .filter(report -> !report.benchmark().equals(HeldOutLoss.NAME))
          .forEach(report -> out.print(report.table()));
      each.missing()
          .forEach((name, reason) -> out.print(Units.format("%s: missing: %s%n", name, reason)));
    }
    out.flush();
  }

  /** A model in a folder that nobody may write to was scored all the same. */
  private void tellCard(Path model, ModelScores scores) {
    try {
      ScoredCard.write(model, scores.reports());
    } catch (IOException | ConfigException e) {
      PrintWriter err = err();
      err.printf("dmt: the card of %s does not have the scores: %s%n", model, e.getMessage());
      err.flush();
    }
  }

  private void tell(String line) {
    PrintWriter err = err();
    err.println("dmt: " + line);
    err.flush();
  }

  private void tellDrops(String source, DropCounts drops) {
    if (!drops.isEmpty()) {
      PrintWriter err = err();
      err.printf("dmt: source %s: cut and left out: %s%n", source, drops);
      err.flush();
    }
  }

  private PrintWriter out() {
    return rank.writes() ? spec.commandLine().getOut() : new PrintWriter(Writer.nullWriter());
  }

  private PrintWriter err() {
    return rank.writes() ? spec.commandLine().getErr() : new PrintWriter(Writer.nullWriter());
  }

  private EngineConfig engine() {
    return compute.applyTo(EngineConfig.inference().withSources(SampleLossMeter.sources()));
  }
}
