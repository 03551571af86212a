package ai.dmt.cli;

import ai.dmt.advise.Advice;
import ai.dmt.advise.AdviceReport;
import ai.dmt.advise.AdviceSettings;
import ai.dmt.advise.Advisor;
import ai.dmt.advise.Budget;
import ai.dmt.advise.Objective;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.text.Faults;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.study.JobSettings;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyPresets;
import ai.dmt.study.StudyQuestion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt advise}: how to mix data, from small runs. */
@Command(
    name = "advise",
    description = {
      "Says how to mix your data: trains some small mixtures, predicts the held-out losses of all"
          + " others with intervals, and writes what it advises as a recipe.",
      "Killed and started again, it goes on where it was. docs/advise.md has the method."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AdviseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "RECIPE",
      description =
          "A recipe with sources, their roles and held-out samples, or a preset of studies such as"
              + " tiny.")
  private String recipe;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Changes of the recipe, such as training.learning_rate=2e-5.")
  private List<String> words = List.of();

  @Option(
      names = "--budget",
      paramLabel = "B",
      defaultValue = "20%",
      description =
          "What runs may cost: a share of training all candidates, whole runs such as 8x, or a time"
              + " such as 2h. Default: ${DEFAULT-VALUE}.")
  private String budget;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description =
          "Tokens that the advised run will train on. Default: all rows of all sources, for the"
              + " recipe's epochs.")
  private @Nullable Double tokens;

  @Option(
      names = "--weight",
      paramLabel = "SOURCE=W",
      description = "What a source's ability counts for; others count 1. May come again.")
  private Map<String, Double> weights = new LinkedHashMap<>();

  @Option(
      names = "--maximise",
      paramLabel = "SOURCE",
      description = "This source's ability alone counts, beside what --keep demands.")
  private String maximise;

  @Option(
      names = "--keep",
      paramLabel = "SOURCE>=X",
      description =
          "The least, in (0, 1], that the lowest loss of the source that any mixture reaches may be"
              + " of the advised mixture's, such as 'general>=0.98', in quotes. May come again.")
  private List<String> keep = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder that the recipe's files are in. Default: the current one.")
  private Path data;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder for runs, report and recipe. Default: advice/NAME.")
  private Path output;

  @Option(
      names = "--learning-rate",
      description =
          "Try other learning rates for the advised mixture, too, which takes up to three whole runs of"
              + " the budget.")
  private boolean learningRate;

  @Option(
      names = "--base-text",
      paramLabel = "N",
      description =
          "Have the base model write N texts by itself, and measure and predict what mixtures lose of"
              + " it, as the loss of \"base\" (for --keep, too); from the folder's first start on.")
  private int baseText;

  @Option(
      names = "--scores",
      description =
          "Score the runs on the study's benchmarks, too, and predict the scores of others. For"
              + " studies that have benchmarks, such as tiny; from the folder's first start on.")
  private boolean scores;

  @Option(
      names = "--check",
      description =
          "Train all candidates, too, and the small runs of RegMix, and say how much worse than the"
              + " best what each would choose is: with a budget of 20%% six times the cost, to see"
              + " whether advice can be trusted here.")
  private boolean check;

  @Option(
      names = "--compare",
      paramLabel = "SEEDS",
      description =
          "Train the advised mixture and what is done without advice on as many tokens, with so many"
              + " seeds each, and compare their held-out losses.")
  private int compare;

  @Mixin private StudyRunOptions run;

  @Mixin private ExecutorOptions executor;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Fonts.require();
    JobSettings jobs = executor.isElsewhere() ? executor.settings(run.reproducible) : null;
    run.port(); // one that cannot be is told before anything is read
    StudyDefinition study = study();
    Path folder = output == null ? Path.of("advice", study.name()) : output;
    Faults faults = new Faults("advise").notNegative("--compare", compare);
    if (tokens != null) {
      faults.positive("--tokens", tokens);
    }
    faults.throwIfAny();
    AdviceSettings settings =
        new AdviceSettings(
            Budget.parse(budget),
            tokens == null ? 0 : tokens,
            objective(study),
            scores,
            learningRate,
            baseText);
    PrintWriter out = spec.commandLine().getOut();
    Advisor advisor =
        Advisor.of(
            study,
            folder,
            settings,
            (mixtures, runs) -> train(mixtures, runs, jobs),
            line -> say(out, line));
    Advice advice = advisor.advise();
    AdviceReport report =
        new AdviceReport(
            advice,
            check ? advisor.check(advice) : null,
            compare > 0 ? advisor.compare(advice, compare) : null);
    advisor.write(folder, report);
    report.tables().forEach((title, table) -> print(out, title, table));
    report.sentences().forEach(line -> say(out, line));
    say(out, "the recipe is %s, the report beside it".formatted(folder.resolve("recipe.yaml")));
    return ExitCode.OK;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private static void print(PrintWriter out, String title, Table table) {
    List<List<String>> rows = new ArrayList<>(List.of(table.header()));
    rows.addAll(table.rows());
    out.println(title);
    out.print(TextTable.of(rows, 1));
    out.flush();
  }

  /** Trains all. @param jobs null for processes of this machine */
  private void train(StudyDefinition mixtures, Path runs, JobSettings jobs)
      throws IOException, InterruptedException {
    StudyFolder folder = StudyFolder.ofOutput(runs);
    StudyLaunch launch = new StudyLaunch(spec, folder, executor.processes(mixtures), run);
    List<StudyQuestion> questions = List.of(StudyQuestion.MIXTURE);
    int code =
        jobs == null
            ? launch.run(mixtures, questions, List.of())
            : new StudyJobsLaunch(launch.talk(), folder)
                .handOver( // laws need what the jobs give, so they are waited for
                    new StudyJobsLaunch.Asked(mixtures, questions, List.of()), jobs, launch, true);
    if (code != ExitCode.OK) {
      throw new IOException("runs of mixtures have failed; start again to go on");
    }
  }

  private @Nullable Objective objective(StudyDefinition study) {
    Map<String, Double> kept = new LinkedHashMap<>();
    for (String word : keep) {
      String[] parts = word.split(">=", -1);
      kept.put(parts[0].strip(), parts.length == 2 ? number(word, parts[1]) : number(word, ""));
    }
    Map<String, Double> all = new LinkedHashMap<>();
    study.recipe().sources().keySet().forEach(name -> all.put(name, maximise == null ? 1.0 : 0.0));
    if (maximise != null) {
      all.put(maximise, 1.0);
    }
    all.putAll(weights);
    return new Objective(all, kept);
  }

  private double number(String word, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--keep must be SOURCE>=X such as 'general>=0.98', in quotes, as a shell takes > for its own,"
              + " got "
              + word,
          e);
    }
  }

  private StudyDefinition study() {
    List<String> changes = new ArrayList<>(words);
    if (data != null) {
      changes.add("data_dir=\"%s\"".formatted(data));
    }
    return StudyPresets.read(recipe, changes);
  }
}
