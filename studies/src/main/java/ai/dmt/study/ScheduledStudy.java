package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.study.executor.JobProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A study folder whose tasks are jobs of a scheduler: for whoever submits it, and for its jobs. */
public final class ScheduledStudy {
  private static final long POLL_SECONDS = 5;

  /** Of calls that score nothing. */
  private static final CellEvaluation NONE =
      (benchmark, settings, model, folder) -> {
        throw new IllegalStateException("this call scores no model");
      };

  private final StudyFolder folder;
  private final JobProgram program;
  private final String version;
  private final StudyLog log;

  /**
   * Names a study; nothing is read yet.
   *
   * @param folder of the study, on a file system that all nodes share
   * @param program of a job's process
   * @param version of dmt, for the results
   * @param log takes a line about each task
   */
  public ScheduledStudy(StudyFolder folder, JobProgram program, String version, StudyLog log) {
    this.folder = folder;
    this.program = program;
    this.version = version;
    this.log = log;
  }

  /**
   * What became jobs.
   *
   * @param submitted new ones, the report's not counted
   * @param attached tasks that jobs of an earlier start are doing or waiting to do
   */
  public record Submission(int submitted, int attached) {
    /** {@return whether nothing is left to do} */
    public boolean isDone() {
      return submitted + attached == 0;
    }
  }

  /**
   * Makes the jobs that would be submitted; the study's folder stays as it is.
   *
   * @param study its definition
   * @param questions whose cells are meant
   * @param only ids of cells; empty for all of the questions
   * @param settings of jobs
   * @return the jobs, for people
   * @throws IOException if no temporary folder can be written
   */
  public String text(
      StudyDefinition study, List<StudyQuestion> questions, List<String> only, JobSettings settings)
      throws IOException {
    Path scratch = Files.createTempDirectory("dmt-plan");
    try {
      StudyFolder place = new StudyFolder(scratch);
      StudyDefinition placed = StudyWorld.place(study, place);
      StudySetup setup = new StudySetup(placed, StudyHashes.of(placed), List.of());
      try (StudyRun run = new StudyRun(setup, place, questions, only, NONE, version, line -> {})) {
        return StudyJobs.of(run, folder, settings, program).text();
      }
    } finally {
      Disk.delete(scratch);
    }
  }

  /**
   * Begins a study and submits what is open.
   *
   * @param run its cells
   * @param settings of jobs
   * @param possible is called when it is known that jobs can be submitted, before anything is
   *     written
   * @return how many jobs there are
   * @throws ConfigException if jobs cannot be submitted from here
   * @throws IOException if the scheduler refuses a job, or the folder cannot be written
   */
  public Submission submit(StudyRun run, JobSettings settings, Begun possible) throws IOException {
    StudyJobs jobs = StudyJobs.of(run, folder, settings, program);
    jobs.demandAvailable();
    possible.call();
    return submit(run, jobs);
  }

  /** What is done between the checks and the first job. */
  @FunctionalInterface
  public interface Begun {
    /**
     * Does it.
     *
     * @throws IOException if the folder cannot be written
     */
    void call() throws IOException;
  }

  /**
   * Submits again what failed, was lost or was cancelled.
   *
   * @return how many jobs there are
   * @throws ConfigException if the study was not submitted
   * @throws IOException if the scheduler refuses a job, or the folder cannot be read
   */
  public Submission retry() throws IOException {
    try (StudyRun run = asked(NONE)) {
      StudyJobs jobs = StudyJobs.asSubmitted(run, folder, program);
      jobs.demandAvailable();
      return submit(run, jobs);
    }
  }

  private Submission submit(StudyRun run, StudyJobs jobs) throws IOException {
    run.begin();
    Submission submission = jobs.submit();
    if (submission.isDone()) {
      run.end();
      StudyReport.write(folder);
    }
    return submission;
  }

  /**
   * {@return where each task is}
   *
   * @throws IOException if the folder cannot be read, or its scheduler cannot be asked
   */
  public StudyStatus status() throws IOException {
    try (StudyRun run = asked(NONE)) {
      return StudyStatus.of(run, folder);
    }
  }

  /**
   * Stays until no job is left.
   *
   * @param follower is told every few seconds how far it is
   * @return how the study ended
   * @throws IOException if the folder cannot be read, or its scheduler cannot be asked
   * @throws InterruptedException if the thread is interrupted; the jobs go on
   */
  public StudyRun.Outcome await(BiConsumer<StudyProgress, StudyStatus> follower)
      throws IOException, InterruptedException {
    try (StudyRun run = asked(NONE)) {
      StudyProgress progress = new StudyProgress(run, folder, 0);
      StudyStatus status = StudyStatus.of(run, folder);
      while (status.isActive()) {
        follower.accept(progress, status);
        TimeUnit.SECONDS.sleep(POLL_SECONDS);
        status = StudyStatus.of(run, folder);
      }
      return run.end();
    }
  }

  /**
   * Ends all jobs; what is done stays, and so do checkpoints.
   *
   * @return how many jobs were not over
   * @throws ConfigException if the study was not submitted
   * @throws IOException if the scheduler cannot be asked
   */
  public int cancel() throws IOException {
    return StudyJobs.cancel(folder);
  }

  /**
   * {@return whether the last word of a job's command means the report, not a task}
   *
   * @param task the word
   */
  public static boolean isReport(String task) {
    return task.equals(StudyJobs.REPORT);
  }

  /**
   * Does the task of a job.
   *
   * @param task its key
   * @param evaluation scores models
   * @param stops is given what ends a stage after the step that is being made
   * @return whether it is done; else it has failed, and the folder says why
   * @throws IOException if the folder cannot be written, or what the task needs is not there
   * @throws InterruptedException if it was stopped; another job goes on from there
   */
  public boolean work(String task, CellEvaluation evaluation, Consumer<Runnable> stops)
      throws IOException, InterruptedException {
    try (StudyRun run = asked(evaluation)) {
      stops.accept(run::stop);
      return run.work(task);
    }
  }

  /**
   * Does the part of the last job: waits for the others, writes results and report, and submits
   * again what was lost.
   *
   * @return how the study ended, so far
   * @throws IOException if the folder cannot be written, or the scheduler cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  public StudyRun.Outcome report() throws IOException, InterruptedException {
    try (StudyRun run = asked(NONE)) {
      StudyJobs jobs = StudyJobs.asSubmitted(run, folder, program);
      jobs.oversee(log::onTask);
      StudyRun.Outcome outcome = run.end();
      StudyReport.write(folder);
      int again = jobs.submitLost().submitted();
      if (again > 0) {
        log.onTask("%s jobs were lost and are submitted again".formatted(again));
      }
      return outcome;
    }
  }

  private StudyRun asked(CellEvaluation evaluation) throws IOException {
    if (!Files.isDirectory(folder.root())) {
      throw new ConfigException("there is no folder " + folder.root());
    }
    return StudyRun.asked(folder, evaluation, version, log);
  }
}
