package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.study.JobSettings;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyPresets;
import ai.dmt.study.StudyQuestion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study}: trains and scores all cells of a question. */
@Command(
    name = "study",
    description = {
      "Asks the paper's questions: trains every cell of a question, scores its model on benchmarks,"
          + " measures held-out loss, writes results.json.",
      "Equal stages are trained once. Killed and started again, it goes on where it was."
    },
    subcommands = {
      StudyStatusCommand.class,
      StudyCancelCommand.class,
      StudyRetryCommand.class,
      StudyTemplateCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1", // a command below has none
      paramLabel = "QUESTION",
      description =
          "strategies, amount, mixed, ratio, dmt-k, size, matched, equal-amount, filtered, grid, lora, mixture,"
              + " or all of them but grid, lora and those that the study sets apart.")
  private String question;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description =
          "Changes of the study (amounts, dmt_k, ...) or of its recipe (model,"
              + " training.learning_rate, ...).")
  private List<String> words = List.of();

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "tiny, office, small-real, 1b, 7b, 13b, 33b, 65b, sizes, or a YAML file of the same kind;"
              + " must be given.")
  private String preset;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Train each cell with so many seeds; a study that has fewer gets the others. Default: the"
              + " preset's.")
  private Integer seeds;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder that the preset's files are in. Default: the preset's.")
  private Path data;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Study folder; one that was begun goes on. Default: studies/PRESET.")
  private Path output;

  @Option(
      names = "--only",
      paramLabel = "CELL",
      description = "This cell alone, such as \"dmt k=1/16 seed 1\"; may come again.")
  private List<String> only = List.of();

  @Mixin private StudyRunOptions run;

  @Mixin private ExecutorOptions executor;

  @Option(
      names = "--dry-run",
      description = "Print cells, stages, samples, tokens, steps and expected time, and stop.")
  private boolean dryRun;

  @Option(
      names = "--gpu",
      paramLabel = "NAME",
      description =
          "With --dry-run: predict hours of this GPU, a100-80gb, h100-80gb, h200-141gb or one that"
              + " cost.peak_tflops and cost.utilization describe. Default: the preset's.")
  private String gpu;

  @Option(
      names = "--gpus",
      paramLabel = "N",
      description = "With --dry-run: GPUs that train a run together. Default: the preset's, or 8.")
  private Integer gpus;

  @Option(
      names = "--more",
      description = "Print how many seeds would decide which claim of the study so far, and stop.")
  private boolean more;

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireWords();
    boolean elsewhere = executor.isElsewhere();
    StudyDefinition study = study();
    List<StudyQuestion> questions = study.asked(question);
    StudyFolder folder =
        StudyFolder.ofOutput(output == null ? Path.of("studies", study.name()) : output);
    if (more) {
      return StudyLaunch.more(spec.commandLine().getOut(), folder);
    }
    StudyLaunch launch = new StudyLaunch(spec, folder, executor.processes(study), run);
    if (elsewhere) {
      return submit(new StudyJobsLaunch.Asked(study, questions, only), launch, folder);
    }
    return dryRun ? launch.plan(study, questions, only) : launch.run(study, questions, only);
  }

  private int submit(StudyJobsLaunch.Asked asked, StudyLaunch launch, StudyFolder folder)
      throws IOException, InterruptedException {
    JobSettings settings = executor.settings(run.reproducible);
    StudyJobsLaunch elsewhere = new StudyJobsLaunch(launch.talk(), folder);
    if (dryRun) {
      launch.plan(asked.study(), asked.questions(), asked.only());
      return elsewhere.plan(asked, settings);
    }
    return elsewhere.handOver(asked, settings, launch, executor.waits());
  }

  private void requireWords() {
    List<String> missing = new ArrayList<>();
    if (question == null) {
      missing.add("QUESTION");
    }
    if (preset == null) {
      demandNoCommand();
      missing.add("--preset=NAME");
    }
    if (!missing.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "missing: " + String.join(", ", missing));
    }
  }

  /** A command below, misspelt, is taken for a question. */
  private void demandNoCommand() {
    if (question == null) {
      return;
    }
    try {
      StudyQuestion.parse(question);
    } catch (ConfigException e) {
      Optional<String> near =
          NearestName.of(question, spec.subcommands().keySet())
              .filter(name -> NearestName.distance(question, name) <= 2);
      if (near.isPresent()) {
        throw new ParameterException(
            spec.commandLine(),
            "there is no question \"%s\"; did you mean dmt study %s?"
                .formatted(question, near.get()),
            e);
      }
    }
  }

  private StudyDefinition study() {
    List<String> changes = new ArrayList<>(words);
    if (seeds != null) {
      changes.add("seeds=" + seeds);
    }
    if (gpu != null) {
      changes.add("cost.gpu=\"%s\"".formatted(gpu));
    }
    if (gpus != null) {
      changes.add("cost.gpus=" + gpus);
    }
    if (data != null) {
      changes.add("data_dir=\"%s\"".formatted(data));
    }
    return StudyPresets.read(preset, changes);
  }
}
