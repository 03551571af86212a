package ai.dmt.cli;

import ai.dmt.report.Fonts;
import ai.dmt.study.BenchmarkEvaluation;
import ai.dmt.study.CellEvaluation;
import ai.dmt.study.JobSettings;
import ai.dmt.study.ScheduledStudy;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyQuestion;
import ai.dmt.study.StudyRun;
import ai.dmt.study.StudySetup;
import ai.dmt.study.StudyStatus;
import ai.dmt.study.StudyWatch;
import ai.dmt.study.StudyWorld;
import ai.dmt.study.executor.JobProgram;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says how a study goes that is with a scheduler, for the commands that hand it over. */
final class StudyJobsLaunch {
  private final StudyTalk talk;
  private final PrintWriter out;
  private final StudyFolder folder;
  private final ScheduledStudy scheduled;
  private String said = ""; // of a study that is waited for

  StudyJobsLaunch(StudyTalk talk, StudyFolder folder) {
    this.talk = talk;
    this.out = talk.results();
    this.folder = folder;
    List<String> here = new ArrayList<>(JavaProcess.command(Main.class));
    here.add(StudyJobCommand.NAME);
    this.scheduled =
        new ScheduledStudy(
            folder,
            new JobProgram(here, List.of("dmt", StudyJobCommand.NAME)),
            new VersionProvider().getVersion()[0],
            talk);
  }

  /** What is asked of which cells. */
  record Asked(StudyDefinition study, List<StudyQuestion> questions, List<String> only) {}

  /** Prints the jobs; the study's folder stays as it is. */
  int plan(Asked asked, JobSettings settings) throws IOException {
    out.print(scheduled.text(asked.study(), asked.questions(), asked.only(), settings));
    out.flush();
    return ExitCode.OK;
  }

  /**
   * Begins the study and submits what is open; stays until the jobs are over if somebody waits or
   * watches.
   *
   * @return an {@link ExitCode}
   */
  int handOver(Asked asked, JobSettings settings, StudyLaunch launch, boolean waits)
      throws IOException, InterruptedException {
    try (StudyWatch watch = launch.watch(asked.study())) {
      launch.grows(watch);
      int code = submit(asked, settings, launch);
      return watch == null && !waits ? code : await();
    }
  }

  private int submit(Asked asked, JobSettings settings, StudyLaunch launch) throws IOException {
    Fonts.require();
    launch.checkInstructions();
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(asked.study(), folder), 1);
    try (StudyRun run = StudyLaunch.open(setup, folder, asked.questions(), asked.only(), talk)) {
      return submitted(
          scheduled.submit(
              run,
              settings,
              () -> {
                talk.out().print(run.plan().summary(folder, 1));
                launch.remember();
              }));
    }
  }

  /** Submits again what failed, was lost or was cancelled. */
  int retry() throws IOException {
    return submitted(scheduled.retry());
  }

  private int submitted(ScheduledStudy.Submission jobs) {
    if (jobs.isDone()) {
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
    StudyStatus status = scheduled.status();
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

  private int await() throws IOException, InterruptedException {
    StudyRun.Outcome outcome =
        scheduled.await((progress, status) -> said = talk.tell(progress, status, said));
    Terminal.line().end();
    return StudyLaunch.report(out, folder, outcome);
  }

  /** Ends all jobs. */
  int cancel() throws IOException {
    out.printf(
        "%s jobs cancelled; what was done stays, and dmt study retry %s goes on%n",
        scheduled.cancel(), folder.root());
    out.flush();
    return ExitCode.OK;
  }

  /** Does a job's part. @param task its key, or the word for the report */
  int work(String task) throws IOException {
    try {
      if (ScheduledStudy.isReport(task)) {
        return StudyLaunch.report(out, folder, scheduled.report());
      }
      return scheduled.work(task, scoring(), StopSignals::onFirst) ? ExitCode.OK : ExitCode.FAILED;
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
}
