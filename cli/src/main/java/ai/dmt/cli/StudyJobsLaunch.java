package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.report.Fonts;
import ai.dmt.study.BenchmarkEvaluation;
import ai.dmt.study.CellEvaluation;
import ai.dmt.study.JobSettings;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyHashes;
import ai.dmt.study.StudyJobs;
import ai.dmt.study.StudyProgress;
import ai.dmt.study.StudyQuestion;
import ai.dmt.study.StudyReport;
import ai.dmt.study.StudyRun;
import ai.dmt.study.StudySetup;
import ai.dmt.study.StudyStatus;
import ai.dmt.study.StudyWorld;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Hands a study to a scheduler, and looks after it there, for the commands that do. */
final class StudyJobsLaunch {
  private static final long POLL_SECONDS = 5;

  /** Of commands that score nothing. */
  private static final CellEvaluation NONE =
      (benchmark, settings, model, folder) -> {
        throw new IllegalStateException("this command scores no model");
      };

  private final StudyTalk talk;
  private final PrintWriter out;
  private final StudyFolder folder;

  StudyJobsLaunch(StudyTalk talk, StudyFolder folder) {
    this.talk = talk;
    this.out = talk.results();
    this.folder = folder;
  }

  /** What is asked of which cells. */
  record Asked(StudyDefinition study, List<StudyQuestion> questions, List<String> only) {}

  /** Prints the jobs and their scripts; the study's folder stays as it is. */
  int plan(Asked asked, JobSettings settings) throws IOException {
    Path scratch = Files.createTempDirectory("dmt-plan");
    try {
      StudyFolder place = new StudyFolder(scratch);
      StudyDefinition placed = StudyWorld.place(asked.study(), place);
      StudySetup setup = new StudySetup(placed, StudyHashes.of(placed), List.of());
      try (StudyRun run =
          new StudyRun(setup, place, asked.questions(), asked.only(), NONE, "", line -> {})) {
        out.print(StudyJobs.of(run, folder, settings, command()).text());
      }
      out.flush();
      return ExitCode.OK;
    } finally {
      Disk.delete(scratch);
    }
  }

  /** Begins the study and submits what is open. */
  int submit(Asked asked, JobSettings settings, StudyLaunch launch)
      throws IOException, InterruptedException {
    Fonts.require();
    launch.checkInstructions();
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(asked.study(), folder), 1);
    try (StudyRun run = StudyLaunch.open(setup, folder, asked.questions(), asked.only(), talk)) {
      StudyJobs jobs = StudyJobs.of(run, folder, settings, command());
      jobs.demandAvailable();
      talk.out().print(run.plan().summary(folder, 1));
      launch.remember();
      run.begin();
      return submitted(jobs.submit(), run);
    }
  }

  /** Submits again what failed, was lost or was cancelled. */
  int retry() throws IOException {
    try (StudyRun run = asked(NONE)) {
      StudyJobs jobs = StudyJobs.asSubmitted(run, folder, command());
      jobs.demandAvailable();
      run.begin();
      return submitted(jobs.submit(), run);
    }
  }

  private int submitted(StudyJobs.Submission jobs, StudyRun run) throws IOException {
    if (jobs.submitted() + jobs.attached() == 0) {
      run.end();
      StudyReport.write(folder);
      out.println("everything is done; no job was submitted");
    } else {
      out.printf(
          "%s jobs submitted%s; dmt study status %s tells how they are%n",
          jobs.submitted(),
          jobs.attached() == 0
              ? ""
              : ", %s more are from an earlier start".formatted(jobs.attached()),
          folder.root());
    }
    out.flush();
    return ExitCode.OK;
  }

  /** Prints where each task is. */
  int status() throws IOException {
    try (StudyRun run = asked(NONE)) {
      StudyStatus status = StudyStatus.of(run, folder);
      for (StudyStatus.Task task : status.tasks()) {
        String job = task.job().isEmpty() ? "" : "job " + task.job();
        out.printf(
            "%-9s %-10s %s%s%n",
            task.state().word(),
            job,
            task.label(),
            task.detail().isEmpty() ? "" : ": " + task.detail());
      }
      if (status.report() != null) {
        out.printf("%-9s %-10s report%n", status.report().word().toLowerCase(Locale.ROOT), "");
      }
      out.println(status.summary());
      out.flush();
      return status.count(StudyStatus.State.FAILED) > 0 ? ExitCode.FAILED : ExitCode.OK;
    }
  }

  /** Stays until no job is left. @return an {@link ExitCode} */
  int await() throws IOException, InterruptedException {
    try (StudyRun run = asked(NONE)) {
      StudyProgress progress = new StudyProgress(run, folder, 0);
      String said = "";
      StudyStatus status = StudyStatus.of(run, folder);
      while (status.isActive()) {
        said = talk.tell(progress, status, said);
        TimeUnit.SECONDS.sleep(POLL_SECONDS);
        status = StudyStatus.of(run, folder);
      }
      Terminal.line().end();
      return StudyLaunch.report(out, folder, run.end());
    }
  }

  /** Ends all jobs. */
  int cancel() throws IOException {
    int jobs = StudyJobs.cancel(folder);
    out.printf(
        "%s jobs cancelled; what was done stays, and dmt study retry %s goes on%n",
        jobs, folder.root());
    out.flush();
    return ExitCode.OK;
  }

  /** Does a job's part. @param task its key, or {@link StudyJobs#REPORT} */
  int work(String task) throws IOException {
    try (StudyRun run = asked(scoring())) {
      if (task.equals(StudyJobs.REPORT)) {
        StudyRun.Outcome outcome = run.end();
        StudyReport.write(folder);
        int code = StudyLaunch.report(out, folder, outcome);
        StudyJobs.Submission again = StudyJobs.asSubmitted(run, folder, command()).submitLost();
        if (again.submitted() > 0) {
          out.printf("%s jobs were lost and are submitted again%n", again.submitted());
          out.flush();
        }
        return code;
      }
      StopSignals.onFirst(run::stop);
      return run.work(task) ? ExitCode.OK : ExitCode.FAILED;
    } catch (InterruptedException e) {
      return ExitCode.INTERRUPTED;
    }
  }

  /** Benchmarks are opened by the jobs that score. */
  private CellEvaluation scoring() {
    return (benchmark, settings, model, target) ->
        new BenchmarkEvaluation(StudySetup.read(folder).study(), folder, System::getenv)
            .evaluate(benchmark, settings, model, target);
  }

  private StudyRun asked(CellEvaluation evaluation) throws IOException {
    if (!Files.isDirectory(folder.root())) {
      throw new ConfigException("there is no folder " + folder.root());
    }
    return StudyRun.asked(folder, evaluation, new VersionProvider().getVersion()[0], talk);
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>(JavaProcess.command(Main.class));
    command.add(StudyJobCommand.NAME);
    return command;
  }
}
