package ai.dmt.study;

import ai.dmt.study.executor.JobState;
import ai.dmt.study.executor.StudyExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a study is: what its folder says, and of what is not done what a scheduler says. The same
 * of a study that runs in processes of this machine, whose locks tell what they are at.
 *
 * @param tasks of all cells that were asked for
 * @param report state of the job that writes the report at the end; null where there is none
 */
public record StudyStatus(List<Task> tasks, @Nullable JobState report) {
  /** Where a task is. */
  public enum State {
    /** Its result is there. */
    DONE,
    /** A process is at it. */
    RUNNING,
    /** A job waits for its turn, or for others. */
    QUEUED,
    /** Nobody has begun it. */
    OPEN,
    /** Its job was ended by {@code dmt study cancel}. */
    CANCELLED,
    /** Its job is over and left neither a result nor a reason. */
    LOST,
    /** It cannot be had on the machine that tried. */
    MISSING,
    /** It failed, and the folder says why. */
    FAILED;

    /** {@return its name, for people} */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A stage, a benchmark of a model, or an analysis.
   *
   * @param key names its folder
   * @param label for people
   * @param state where it is
   * @param job id of its newest job; "" where there is none
   * @param detail why it waits or failed; "" where nothing is said
   */
  public record Task(String key, String label, State state, String job, String detail) {
    /**
     * Of a cancelled study a job that is over, or that the scheduler has forgotten, is not lost.
     */
    private Task ofCancelledStudy() {
      boolean ended = state == State.LOST || (state == State.OPEN && !job.isEmpty());
      return ended ? new Task(key, label, State.CANCELLED, job, "") : this;
    }
  }

  /**
   * Copies the list.
   *
   * @param tasks of all cells that were asked for
   * @param report state of the last job; null where there is none
   */
  public StudyStatus {
    tasks = List.copyOf(tasks);
  }

  /**
   * Looks at a study.
   *
   * @param run its cells
   * @param folder of the study
   * @return where each task is
   * @throws IOException if the folder cannot be read, or its scheduler cannot be asked
   */
  public static StudyStatus of(StudyRun run, StudyFolder folder) throws IOException {
    return of(run.tasks(), folder);
  }

  static StudyStatus of(List<StudyTask> tasks, StudyFolder folder) throws IOException {
    if (!JobsFile.exists(folder)) {
      return of(tasks, folder, null, null);
    }
    JobsFile file = JobsFile.read(folder);
    return of(tasks, folder, file, file.settings().open(folder));
  }

  static StudyStatus of(
      List<StudyTask> tasks,
      StudyFolder folder,
      @Nullable JobsFile file,
      @Nullable StudyExecutor executor)
      throws IOException {
    Map<String, JobState> states =
        file == null || executor == null ? Map.of() : executor.states(file.ids());
    List<Task> all = new ArrayList<>();
    for (StudyTask task : tasks) {
      JobsFile.Entry job = file == null ? null : file.jobs().get(task.key());
      Task now = task(task, folder, job, job == null ? null : states.get(job.id()));
      all.add(file != null && file.isCancelled() ? now.ofCancelledStudy() : now);
    }
    return new StudyStatus(all, file == null ? null : states.get(file.report()));
  }

  private static Task task(
      StudyTask task,
      StudyFolder folder,
      JobsFile.@Nullable Entry job,
      @Nullable JobState scheduled)
      throws IOException {
    String id = job == null ? "" : job.id();
    if (Files.exists(task.folder())) {
      return new Task(task.key(), task.label(), State.DONE, id, "");
    }
    Optional<TaskFailure> failure = TaskFailure.read(folder.failure(task.key()));
    if (failure.isPresent()) {
      State state = failure.get().missing() ? State.MISSING : State.FAILED;
      return new Task(task.key(), task.label(), state, id, failure.get().reason());
    }
    boolean held = TaskLock.isHeld(folder.lock(task.key()));
    String said = scheduled == null ? "" : words(scheduled);
    if (held || scheduled != null && scheduled.phase() == JobState.Phase.RUNNING) {
      return new Task(task.key(), task.label(), State.RUNNING, id, said);
    }
    if (job == null || scheduled == null) {
      return new Task(task.key(), task.label(), State.OPEN, id, "");
    }
    return scheduled.phase() == JobState.Phase.QUEUED
        ? new Task(task.key(), task.label(), State.QUEUED, id, said)
        : new Task(
            task.key(),
            task.label(),
            State.LOST,
            id,
            "%s, see jobs/%s.log".formatted(said, job.name()));
  }

  private static String words(JobState state) {
    return state.word() + (state.reason().isEmpty() ? "" : " (" + state.reason() + ")");
  }

  /**
   * {@return how many tasks are in a state}
   *
   * @param state that is counted
   */
  public long count(State state) {
    return tasks.stream().filter(task -> task.state() == state).count();
  }

  /** {@return whether a job may still change something} */
  public boolean isActive() {
    return count(State.RUNNING) + count(State.QUEUED) > 0
        || report != null && report.phase().isActive();
  }

  /** {@return one line of counts, for people} */
  public String summary() {
    return "%s of %s tasks done"
        .formatted(count(State.DONE), tasks.size())
        .concat(
            Stream.of(State.values())
                .filter(state -> state != State.DONE && count(state) > 0)
                .map(state -> ", %s %s".formatted(count(state), state.word()))
                .collect(Collectors.joining()));
  }
}
