package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.study.BenchmarkEvaluation;
import ai.dmt.study.MoreSeeds;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyHashes;
import ai.dmt.study.StudyLog;
import ai.dmt.study.StudyPlan;
import ai.dmt.study.StudyProgress;
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
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Runs a study and says how it went, for the commands that do. */
final class StudyLaunch {
  private final CommandSpec spec;
  private final StudyFolder folder;
  private final int jobs;
  private final StudyRunOptions options;
  private final StudyTalk talk;

  StudyLaunch(CommandSpec spec, StudyFolder folder, int jobs, StudyRunOptions options) {
    this.spec = spec;
    this.folder = folder;
    this.jobs = jobs;
    this.options = options;
    this.talk = new StudyTalk(spec, options.progress);
    options.port(); // a port that cannot be is told before anything is read
  }

  /** As the user typed it, for the report. */
  private String command() {
    return "dmt " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
  }

  /** What is said of it. */
  StudyTalk talk() {
    return talk;
  }

  /** Prints what is to be done; the study's folder stays as it is. @return an {@link ExitCode} */
  int plan(StudyDefinition study, List<StudyQuestion> questions, List<String> only)
      throws IOException {
    Path scratch = Files.createTempDirectory("dmt-plan");
    try {
      StudyDefinition placed = StudyWorld.place(study, new StudyFolder(scratch));
      StudyPlan plan = StudyPlan.of(placed, StudyHashes.of(placed), questions, only);
      PrintWriter out = spec.commandLine().getOut(); // it was asked for
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
    try (StudyRun run = open(setup, folder, questions, only, talk);
        StudyWatch watch = watch(study)) {
      talk.out().print(run.plan().summary(folder, jobs));
      remember();
      grows(watch);
      StudyRun.Outcome outcome = workOff(run, setup, questions, only);
      StudyReport.write(folder);
      return report(talk.results(), folder, outcome);
    }
  }

  /** In this process, or in several. */
  @SuppressWarnings("try") // the line is drawn meanwhile
  private StudyRun.Outcome workOff(
      StudyRun run, StudySetup setup, List<StudyQuestion> questions, List<String> only)
      throws IOException, InterruptedException {
    try (StudyTalk.Ticking line = talk.follow(new StudyProgress(run, folder, jobs))) {
      if (jobs == 1 && !options.reproducible) {
        return run.run();
      }
      WorkerProcesses workers =
          new WorkerProcesses(
              workerCommand(questions, only),
              setup.study().recipe().engine().threads(),
              options.reproducible,
              talk);
      return run.run(workers, jobs);
    }
  }

  /** Writes how the study was started. */
  void remember() throws IOException {
    OutputPlace.make(folder.root());
    FileOutput.write(folder.command(), command() + "\n");
    if (options.reproducible) {
      FileOutput.write(folder.reproducible(), "AVX2 alone\n");
    }
    talk.out().flush();
  }

  /** Stages of both kinds in one study would not be the bits of either. */
  void checkInstructions() {
    boolean before = Files.exists(folder.reproducible());
    if (Files.exists(folder.study()) && before != options.reproducible) {
      throw new ConfigException(
          "%s was begun %s --reproducible, and goes on so; or choose another --output"
              .formatted(folder.root(), before ? "with" : "without"));
    }
  }

  /** Says where the report grows. @param watch null where nobody watches */
  void grows(StudyWatch watch) {
    if (watch != null) {
      PrintWriter out = talk.results(); // who watches needs to know
      out.printf("the report grows at %s%n", watch.address());
      out.flush();
    }
  }

  /** Null where nobody watches. */
  StudyWatch watch(StudyDefinition study) {
    OptionalInt port = options.port();
    return port.isEmpty()
        ? null
        : new StudyWatch(folder, study.name(), port.getAsInt(), talk::onFailure);
  }

  static StudyRun open(
      StudySetup setup,
      StudyFolder folder,
      List<StudyQuestion> questions,
      List<String> only,
      StudyLog log)
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
