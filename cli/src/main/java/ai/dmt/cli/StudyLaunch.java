package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Faults;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.study.BenchmarkEvaluation;
import ai.dmt.study.MoreSeeds;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyHashes;
import ai.dmt.study.StudyPlan;
import ai.dmt.study.StudyQuestion;
import ai.dmt.study.StudyReport;
import ai.dmt.study.StudyRun;
import ai.dmt.study.StudySetup;
import ai.dmt.study.StudyWatch;
import ai.dmt.study.StudyWorld;
import ai.dmt.study.WorkerProcesses;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Runs a study and says how it went, for the commands that do. */
final class StudyLaunch {
  private final PrintWriter out;
  private final StudyFolder folder;
  private final int jobs;
  private final OptionalInt watchPort;
  private final String command;
  private final boolean reproducible;

  /**
   * @param reproducible whether bits must not hang on the processor
   * @param command as the user typed it, for the report
   * @param watchPort where the growing report is served, 0 for any free port; empty for nowhere
   */
  StudyLaunch(
      PrintWriter out,
      StudyFolder folder,
      int jobs,
      OptionalInt watchPort,
      String command,
      boolean reproducible) {
    this.out = out;
    this.folder = folder;
    this.jobs = jobs;
    this.watchPort = watchPort;
    this.command = command;
    this.reproducible = reproducible;
  }

  /** The command line of a command. */
  static String command(CommandSpec spec) {
    return "dmt " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
  }

  /**
   * Processes that work at once.
   *
   * @param asked null for as many as have cores of their own
   */
  static int jobs(Integer asked, StudyDefinition study) {
    if (asked != null) {
      new Faults("study").positive("--jobs", asked).throwIfAny();
      return asked;
    }
    int threads = study.recipe().engine().threads();
    int cores = Runtime.getRuntime().availableProcessors();
    return threads == 0 ? 1 : Math.max(1, cores / threads);
  }

  /** Prints what is to be done; the study's folder stays as it is. @return an {@link ExitCode} */
  int plan(StudyDefinition study, List<StudyQuestion> questions, List<String> only)
      throws IOException {
    Path scratch = Files.createTempDirectory("dmt-plan");
    try {
      StudyDefinition placed = StudyWorld.place(study, new StudyFolder(scratch));
      StudyPlan plan = StudyPlan.of(placed, StudyHashes.of(placed), questions, only);
      out.print(plan.text(folder, jobs));
      out.flush();
      return ExitCode.OK;
    } finally {
      Disk.delete(scratch);
    }
  }

  /** Prints how many seeds would decide what. @return an {@link ExitCode} */
  static int more(PrintWriter out, StudyFolder folder) throws IOException {
    Table table = MoreSeeds.of(folder);
    List<List<String>> rows = new ArrayList<>(List.of(table.header()));
    rows.addAll(table.rows());
    out.print(TextTable.of(rows, 1));
    out.println(MoreSeeds.WARNING);
    out.flush();
    return ExitCode.OK;
  }

  /** Goes to the end. @return an {@link ExitCode} */
  int run(StudyDefinition study, List<StudyQuestion> questions, List<String> only)
      throws IOException, InterruptedException {
    Fonts.require();
    checkInstructions();
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(study, folder), jobs);
    try (StudyRun run = open(setup, folder, questions, only, lines(out));
        StudyWatch watch = watch(study)) {
      out.print(run.plan().summary(folder, jobs));
      remember();
      grows(watch);
      StudyRun.Outcome outcome =
          jobs == 1 && !reproducible
              ? run.run()
              : run.run(
                  new WorkerProcesses(
                      workerCommand(questions, only),
                      setup.study().recipe().engine().threads(),
                      reproducible),
                  jobs);
      StudyReport.write(folder);
      return report(out, folder, outcome);
    }
  }

  /** Writes how the study was started. */
  void remember() throws IOException {
    OutputPlace.make(folder.root());
    Files.writeString(folder.command(), command + "\n");
    if (reproducible) {
      Files.writeString(folder.reproducible(), "AVX2 alone\n");
    }
    out.flush();
  }

  /** Stages of both kinds in one study would not be the bits of either. */
  void checkInstructions() {
    boolean before = Files.exists(folder.reproducible());
    if (Files.exists(folder.study()) && before != reproducible) {
      throw new ConfigException(
          "%s was begun %s --reproducible, and goes on so; or choose another --output"
              .formatted(folder.root(), before ? "with" : "without"));
    }
  }

  /** Says where the report grows. @param watch null where nobody watches */
  void grows(StudyWatch watch) {
    if (watch != null) {
      out.printf("the report grows at %s%n", watch.address());
      out.flush();
    }
  }

  /** Null where nobody watches. */
  StudyWatch watch(StudyDefinition study) {
    return watchPort.isEmpty()
        ? null
        : new StudyWatch(folder, study.name(), watchPort.getAsInt(), lines(out));
  }

  static StudyRun open(
      StudySetup setup,
      StudyFolder folder,
      List<StudyQuestion> questions,
      List<String> only,
      Consumer<String> log)
      throws IOException {
    return new StudyRun(
        setup,
        folder,
        questions,
        only,
        new BenchmarkEvaluation(setup.study(), folder, System::getenv),
        new VersionProvider().getVersion()[0],
        log);
  }

  /** A line at a time, so that lines of several processes do not mix. */
  static Consumer<String> lines(PrintWriter out) {
    return line -> {
      out.print(line + System.lineSeparator());
      out.flush();
    };
  }

  private List<String> workerCommand(List<StudyQuestion> questions, List<String> only) {
    List<String> command = new ArrayList<>(JavaProcess.command(Main.class));
    command.addAll(List.of(StudyWorkerCommand.NAME, folder.root().toString()));
    command.add(questions.stream().map(StudyQuestion::word).collect(Collectors.joining(",")));
    command.addAll(only);
    return command;
  }

  /** Says how a study ended. @return an {@link ExitCode} */
  static int report(PrintWriter out, StudyFolder folder, StudyRun.Outcome outcome) {
    outcome.missing().forEach(reason -> out.printf("missing scores: %s%n", reason));
    int done = outcome.cells() - outcome.failed().size();
    out.printf(
        "%s of %s cells done; %s and report.html beside it%n",
        done, outcome.cells(), relative(folder.results()));
    List<String> failed = new ArrayList<>(outcome.failed());
    failed.addAll(outcome.failedAnalyses());
    failed.forEach(each -> out.printf("failed: %s%n", each));
    out.flush();
    return failed.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Path relative(Path file) {
    Path here = Path.of("").toAbsolutePath();
    return file.startsWith(here) ? here.relativize(file) : file;
  }
}
