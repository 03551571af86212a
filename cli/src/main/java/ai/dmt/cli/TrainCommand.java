package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.DataRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeSettings;
import ai.dmt.run.PreflightReport;
import ai.dmt.run.PreparedSchedule;
import ai.dmt.run.RunOutput;
import ai.dmt.run.RunRank;
import ai.dmt.run.RunStart;
import ai.dmt.run.SampleText;
import ai.dmt.run.ScheduleRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt train}: fine-tunes a model folder on files of conversations. */
@Command(
    name = "train",
    description = {
      "Fine-tunes a model on files of conversations and writes a model folder.",
      "With a recipe, all of its stages: dmt train RECIPE [KEY.SUB=VALUE...].",
      "Reads records of these formats, told by their fields: ${bundle:formats};"
          + " as JSON, JSON lines or Parquet, gzip or zstd."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class TrainCommand implements Callable<Integer> {
  private static final String NOTHING_LEFT =
      "preflight: the run is finished, and nothing is left to try";

  @Spec private CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", description = ModelWords.PLACES)
  private Path model;

  @Option(
      names = "--data",
      arity = "1..*",
      paramLabel = "NAME=FILE",
      description = "Sources; a name may come again with another file.")
  private List<String> data = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Folder for the model, its settings and metrics.jsonl; or s3://BUCKET/PREFIX, see"
              + " --work-dir.")
  private Path output;

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description =
          "Where a run to s3:// keeps its files, which are uploaded once they are whole"
              + " (default: runs/BUCKET/PREFIX in DMT_CACHE, or in ~/.cache/dmt).")
  private Path work;

  @Option(
      names = "--overwrite",
      description = "Replace a model, and delete checkpoints, in the output folder.")
  private boolean overwrites;

  @Option(
      names = "--resume",
      paramLabel = "auto|DIR",
      description = {
        "auto: go on from the newest whole checkpoint in the output folder, or begin if there is"
            + " none;",
        "or go on from a checkpoint's folder. The run must be the same."
      })
  private String resume = "";

  @Option(
      names = "--dry-run",
      description = "Check everything, read the data, print what would be trained, and stop.")
  private boolean dryRun;

  @Mixin private PreflightOptions preflight;

  @Mixin private ProgressOptions progress;

  @Mixin private CacheOptions cache;

  @Mixin private RankOptions ranks;

  @Parameters(
      paramLabel = "KEY=VALUE",
      arity = "0..*",
      description = "Settings, see below; or a recipe and its changes.")
  private List<String> words = List.of();

  @Override
  public Integer call() throws IOException {
    preflight.check(dryRun);
    if (!words.isEmpty() && !words.get(0).contains("=")) {
      return trainRecipe(words.get(0), words.subList(1, words.size()));
    }
    requireOptions();
    model = ModelWords.folder(model, progress.said(spec.commandLine().getErr()));
    return train(recipeOfSettings());
  }

  private int trainRecipe(String name, List<String> overrides) throws IOException {
    if (model != null || !data.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "a recipe has its own model and data: leave out --model and --data, or give"
              + " model=DIR and sources.NAME.files=[FILE]");
    }
    List<String> changes = new ArrayList<>(overrides);
    if (output != null) {
      changes.add("output_dir=\"%s\"".formatted(RunOutput.text(output)));
    }
    Recipe recipe = RecipeWords.read(name, changes);
    if (recipe.outputDir().isBlank()) {
      throw new ConfigException("output_dir is not set; give --output DIR");
    }
    return train(recipe.model().isBlank() ? recipe : withModelHere(recipe));
  }

  private Recipe withModelHere(Recipe recipe) throws IOException {
    Path named = Path.of(recipe.model());
    Path folder = ModelWords.folder(named, progress.said(spec.commandLine().getErr()));
    return folder.equals(named) ? recipe : recipe.withModel(folder.toString());
  }

  private int train(Recipe recipe) throws IOException {
    RunRank rank = ranks.rank();
    PrintWriter out = dryRun ? output(rank) : progress.said(output(rank)); // asked for its plan
    try (PreparedSchedule prepared =
        PreparedSchedule.of(
            recipe,
            place(recipe),
            start(),
            cache.use(progress.said(spec.commandLine().getErr())),
            beforeData(rank))) {
      ScheduleReport report =
          new ScheduleReport(
              prepared, out, marks(), rank.writes() ? progress.line() : Optional.empty());
      report.printPlan();
      if (dryRun) {
        return ExitCode.OK;
      }
      ScheduleRun run = new ScheduleRun(prepared, rank);
      run.addListener(report);
      if (progress.quiet) {
        run.addListener(ScheduleReport.lastLine(output(rank)));
      }
      run.compareWithSpeeds(CacheOptions.speeds());
      if (preflight.apply(run)) {
        Optional<PreflightReport> found = run.preflight();
        if (progress.quiet) { // else it has told all that it found
          output(rank).println(found.map(PreflightReport::lastLine).orElse(NOTHING_LEFT));
        }
        return ExitCode.OK;
      }
      stopOnSignal(run::cancel);
      return run.run().finished() ? ExitCode.OK : ExitCode.INTERRUPTED;
    }
  }

  private RunOutput place(Recipe recipe) {
    Path standard = RunOutput.workFolder(recipe.outputDir(), CacheOptions.folder());
    return RunOutput.of(recipe.outputDir(), work == null ? standard : work);
  }

  private RunStart start() {
    if (overwrites && !resume.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--resume and --overwrite exclude each other");
    }
    return new RunStart(overwrites, resume);
  }

  /** A GPU that cannot be used is told before the data is read. */
  private Consumer<EngineConfig> beforeData(RunRank rank) {
    return dryRun ? config -> {} : rank::requireDevice;
  }

  /** Rank 0 speaks for all. */
  private PrintWriter output(RunRank rank) {
    return rank.writes() ? spec.commandLine().getOut() : new PrintWriter(Writer.nullWriter());
  }

  private static SampleText marks() {
    return Terminal.isColoured() ? SampleText.COLOUR : SampleText.BRACKETS;
  }

  private void stopOnSignal(Runnable cancel) {
    StopSignals.onFirst(
        () -> {
          spec.commandLine()
              .getErr()
              .println("dmt: stopping after this step, then saving; once more to quit at once");
          cancel.run();
        });
  }

  private void requireOptions() {
    List<String> missing = new ArrayList<>();
    if (model == null) {
      missing.add("--model=DIR");
    }
    if (data.isEmpty()) {
      missing.add("--data=NAME=FILE");
    }
    if (output == null) {
      missing.add("--output=DIR");
    }
    if (!missing.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "missing: %s; or name a recipe".formatted(String.join(", ", missing)));
    }
  }

  /** A word after --data whose name is a setting is one, not a source. */
  private Recipe recipeOfSettings() {
    List<String> names = RecipeSettings.names();
    List<String> settings = new ArrayList<>(words);
    List<String> sources = new ArrayList<>();
    for (String word : data) {
      String name = word.substring(0, Math.max(0, word.indexOf('=')));
      (names.contains(name) ? settings : sources).add(word);
    }
    Map<String, List<Path>> files = new LinkedHashMap<>();
    KeyValues.sources(sources, names, spec.commandLine())
        .forEach(source -> files.put(source.name(), source.files()));
    Map<String, String> texts = KeyValues.settings(settings, spec.commandLine());
    int positions = positions();
    try {
      return RecipeSettings.recipe(model, positions, files, output, texts);
    } catch (ConfigException e) { // and what else is wrong
      List<String> faults = new ArrayList<>(e.faults());
      Recipe unset = RecipeSettings.recipe(model, positions, files, output, Map.of());
      faults.addAll(PreparedSchedule.faults(unset, place(unset), start()));
      throw ConfigException.ofLines(faults);
    }
  }

  /** A folder that is no model is a fault of the run. */
  private int positions() {
    try {
      return ModelInfo.read(model).maxPositionEmbeddings();
    } catch (ConfigException e) {
      return DataRecipe.defaults().cutoffLen();
    }
  }
}
