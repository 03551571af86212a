package ai.dmt.study;

import ai.dmt.study.ScheduledStudy.Submission;
import ai.dmt.study.executor.Job;
import ai.dmt.study.executor.JobProgram;
import ai.dmt.study.executor.JobResources;
import ai.dmt.study.executor.JobState;
import ai.dmt.study.executor.StudyExecutor;
import ai.dmt.study.executor.StudyExecutor.After;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The tasks of a study as jobs of a scheduler: one for each stage, each model's benchmark and each
 * analysis, waiting for the jobs of what they need, and one at the end that writes the report.
 *
 * <p>After the submission everything is with the scheduler: whoever submitted may leave. A job that
 * is killed is queued again by its script or by the scheduler; one that is lost altogether is
 * submitted again by the last job, as often as the settings say.
 */
final class StudyJobs {
  /** Word that a job gets in the place of a task's key: it ends the study. */
  static final String REPORT = "report";

  private final StudyFolder folder;
  private final Supplier<List<StudyTask>> open;
  private final Function<StudyTask, JobResources> resources;
  private final JobSettings settings;
  private final StudyExecutor executor;
  private final JobProgram program;

  StudyJobs(
      StudyFolder folder,
      Supplier<List<StudyTask>> open,
      Function<StudyTask, JobResources> resources,
      JobSettings settings,
      StudyExecutor executor,
      JobProgram program) {
    this.folder = folder;
    this.open = open;
    this.resources = resources;
    this.settings = settings;
    this.executor = executor;
    this.program = program;
  }

  /**
   * Jobs of a study; nothing is submitted yet.
   *
   * @param run cells whose tasks become jobs
   * @param folder of the study, on a file system that all nodes share
   * @param settings of jobs
   * @param program of a job's process
   * @throws ai.dmt.config.ConfigException if there is no such scheduler, or the template is at
   *     fault
   */
  static StudyJobs of(StudyRun run, StudyFolder folder, JobSettings settings, JobProgram program) {
    return new StudyJobs(
        folder,
        () -> run.open(folder),
        run.resources()::of,
        settings,
        settings.open(folder),
        program);
  }

  /**
   * The same with the settings that the study was submitted with.
   *
   * @param run cells whose tasks become jobs
   * @param folder of a study that was submitted
   * @param program of a job's process
   * @throws ai.dmt.config.ConfigException if it was not submitted
   * @throws IOException if the folder cannot be read
   */
  static StudyJobs asSubmitted(StudyRun run, StudyFolder folder, JobProgram program)
      throws IOException {
    return of(run, folder, JobsFile.read(folder).settings(), program);
  }

  /**
   * Demands that jobs can be submitted from this machine.
   *
   * @throws ai.dmt.config.ConfigException naming what is missing
   */
  void demandAvailable() {
    executor.demandAvailable();
  }

  /**
   * Submits what is open and is no job's yet. Of several processes that do it at once, one does.
   *
   * @return how many jobs there are
   * @throws IOException if the scheduler refuses a job: those that were submitted before it are
   *     cancelled
   */
  Submission submit() throws IOException {
    TaskLock lock = JobsFile.lock(folder);
    try {
      JobsFile file = JobsFile.exists(folder) ? JobsFile.read(folder) : fresh();
      file.use(settings);
      file.setRound(0);
      file.setCancelled(false);
      return submit(file);
    } finally {
      lock.close();
    }
  }

  /**
   * Submits again what was lost: tasks without a result and without a failure, whose jobs are over.
   * For the last job of a study.
   *
   * @return how many jobs there are; none once the study was cancelled, or all tries are used up
   * @throws IOException if the scheduler refuses a job
   */
  Submission submitLost() throws IOException {
    TaskLock lock = JobsFile.lock(folder);
    try {
      JobsFile file = JobsFile.read(folder);
      if (file.isCancelled() || file.round() >= settings.retries() || open.get().isEmpty()) {
        return new Submission(0, 0);
      }
      file.setRound(file.round() + 1);
      file.setReport(""); // it is the job that asks
      return submit(file);
    } finally {
      lock.close();
    }
  }

  /**
   * Waits for the other jobs, and lets them begin where the scheduler leaves that to the last one.
   *
   * @param log takes a line about each
   * @throws IOException if the scheduler cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  void oversee(Consumer<String> log) throws IOException, InterruptedException {
    JobsFile file = JobsFile.read(folder);
    executor.oversee(file.jobs().values().stream().map(JobsFile.Entry::id).toList(), log);
  }

  /**
   * Ends all jobs of a study; what is done stays, and so do checkpoints.
   *
   * @param folder of a study that was submitted
   * @return how many jobs were not over
   * @throws ai.dmt.config.ConfigException if it was not submitted
   * @throws IOException if the scheduler cannot be asked
   */
  static int cancel(StudyFolder folder) throws IOException {
    JobsFile file = JobsFile.read(folder);
    return cancel(folder, file.settings().open(folder));
  }

  static int cancel(StudyFolder folder, StudyExecutor executor) throws IOException {
    TaskLock lock = JobsFile.lock(folder);
    try {
      JobsFile file = JobsFile.read(folder);
      file.setCancelled(true); // before the last job could submit anything
      file.write();
      Map<String, JobState> states = executor.states(file.ids());
      List<String> active = file.ids().stream().filter(id -> isActive(states, id)).toList();
      executor.cancel(active);
      return active.size();
    } finally {
      lock.close();
    }
  }

  /**
   * {@return every job that would be submitted, with its script; nothing is, and nothing is
   * written}
   */
  String text() {
    StringBuilder text = new StringBuilder();
    Map<String, String> names = new LinkedHashMap<>();
    for (StudyTask task : ordered(open.get())) {
      Job job = job(task);
      names.put(task.key(), "${" + names.size() + "}");
      text.append("# %s: %s%n".formatted(names.get(task.key()), task.label()));
      text.append(executor.text(job, new After(needs(task, names), List.of()))).append("\n");
    }
    if (names.isEmpty()) {
      return "no job: everything is done%n".formatted();
    }
    text.append("# the report, when all of them are over%n".formatted());
    text.append(executor.text(reportJob(), new After(List.of(), List.copyOf(names.values()))));
    return text.toString();
  }

  private JobsFile fresh() {
    return new JobsFile(folder, settings);
  }

  private Submission submit(JobsFile file) throws IOException {
    Map<String, JobState> states = executor.states(file.ids());
    Map<String, String> active = new LinkedHashMap<>(); // ids by task
    file.jobs()
        .forEach(
            (task, job) -> {
              if (isActive(states, job.id())) {
                active.put(task, job.id());
              }
            });
    int before = active.size();
    List<String> fresh = new ArrayList<>();
    try {
      for (StudyTask task : ordered(open.get())) {
        if (!active.containsKey(task.key())) {
          Job job = job(task);
          String id = executor.submit(job, new After(needs(task, active), List.of()));
          fresh.add(id);
          active.put(task.key(), id);
          file.jobs().put(task.key(), new JobsFile.Entry(job.name(), id));
          file.write();
        }
      }
      submitReport(file, states, fresh, List.copyOf(active.values()));
    } catch (IOException | RuntimeException e) {
      executor.cancel(fresh);
      throw e;
    }
    return new Submission(fresh.size(), before);
  }

  /** One that waits for all jobs; an older one, that waits for some, goes. */
  private void submitReport(
      JobsFile file, Map<String, JobState> states, List<String> fresh, List<String> all)
      throws IOException {
    boolean waits = !file.report().isEmpty() && isActive(states, file.report());
    if (!all.isEmpty() && (!waits || !fresh.isEmpty())) {
      String old = file.report();
      file.setReport(executor.submit(reportJob(), new After(List.of(), all)));
      if (waits) {
        executor.cancel(List.of(old));
      }
    }
    file.write();
  }

  private static boolean isActive(Map<String, JobState> states, String id) {
    JobState state = states.get(id);
    return state != null && state.phase().isActive();
  }

  /** Of those tasks that a task needs; what is done is no job any more. */
  private static List<String> needs(StudyTask task, Map<String, String> ids) {
    return task.needs().stream().filter(ids::containsKey).map(ids::get).toList();
  }

  /** Tasks behind what they need; among those that may begin, the heaviest first. */
  private static List<StudyTask> ordered(List<StudyTask> tasks) {
    Map<String, StudyTask> byKey = new LinkedHashMap<>();
    tasks.forEach(task -> byKey.put(task.key(), task));
    List<StudyTask> ordered = new ArrayList<>();
    Set<String> placed = new HashSet<>();
    tasks.forEach(task -> place(task, byKey, placed, ordered));
    return ordered;
  }

  private static void place(
      StudyTask task, Map<String, StudyTask> byKey, Set<String> placed, List<StudyTask> ordered) {
    if (placed.add(task.key())) {
      for (String need : task.needs()) {
        if (byKey.containsKey(need)) {
          place(Objects.requireNonNull(byKey.get(need)), byKey, placed, ordered);
        }
      }
      ordered.add(task);
    }
  }

  private Job job(StudyTask task) {
    String name =
        "%s-%s"
            .formatted(
                Job.safeName(task.label()),
                task.key().substring(0, Math.min(6, task.key().length())));
    return new Job(name, task.label(), words(task.key()), resources.apply(task));
  }

  private Job reportJob() {
    return new Job(REPORT, REPORT, words(REPORT), TaskResources.ofReport());
  }

  private List<String> words(String task) {
    List<String> words = new ArrayList<>(executor.command(program));
    words.add(folder.root().toString());
    words.add(task);
    return words;
  }
}
