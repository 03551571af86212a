package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.study.StudyStatus.State;
import ai.dmt.study.executor.Job;
import ai.dmt.study.executor.JobException;
import ai.dmt.study.executor.JobProgram;
import ai.dmt.study.executor.JobResources;
import ai.dmt.study.executor.JobState;
import ai.dmt.study.executor.JobState.Phase;
import ai.dmt.study.executor.StudyExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which jobs a study becomes, and what is submitted again. A stand-in keeps the jobs. */
class StudyJobsTest {
  private static final JobResources SMALL = new JobResources(1, 1, 0, 0);

  @TempDir private Path root;
  private final Scheduler scheduler = new Scheduler();

  /** Jobs in the order in which they came, with their states. */
  private static final class Scheduler implements StudyExecutor {
    private final Map<String, JobState> jobs = new LinkedHashMap<>();
    private final List<String> calls = new ArrayList<>();
    private String refused = "";

    @Override
    public void demandAvailable() {}

    @Override
    public synchronized String submit(Job job, After after) throws IOException {
      if (job.label().equals(refused)) {
        throw new JobException("no such partition");
      }
      String id = Integer.toString(jobs.size() + 1);
      jobs.put(id, new JobState(Phase.QUEUED, "PENDING", ""));
      calls.add("%s=%s ok%s any%s".formatted(id, job.label(), after.success(), after.end()));
      return id;
    }

    @Override
    public synchronized Map<String, JobState> states(Collection<String> ids) {
      Map<String, JobState> states = new LinkedHashMap<>();
      ids.forEach(id -> states.put(id, jobs.get(id)));
      return states;
    }

    @Override
    public synchronized void cancel(Collection<String> ids) {
      ids.forEach(id -> end(id, "CANCELLED"));
      calls.add("cancel" + ids);
    }

    @Override
    public String text(Job job, After after) {
      return job.label() + " " + job.command() + after;
    }

    void end(String id, String word) {
      jobs.put(id, new JobState(Phase.ENDED, word, ""));
    }
  }

  private StudyFolder folder() {
    return new StudyFolder(root);
  }

  private StudyTask task(String key, double weight, String... needs) {
    return new StudyTask(
        key,
        "task " + key,
        folder().node(key),
        List.of(needs),
        new StudyTask.Load(weight, "", 0, 1),
        fresh -> "made");
  }

  private List<StudyTask> tasks() {
    return List.of(task("child", 2, "parent"), task("parent", 5), task("other", 3));
  }

  private void finish(String key, String id) throws IOException {
    Files.createDirectories(folder().node(key));
    scheduler.end(id, "COMPLETED");
  }

  private StudyJobs jobs() {
    return new StudyJobs(
        folder(),
        () -> new StudyWorker(folder(), tasks(), line -> {}, () -> {}).open(),
        task -> SMALL,
        new JobSettings("slurm", null, 1, Map.of("A", "b")),
        scheduler,
        new JobProgram(List.of("java", "study-job"), List.of("dmt", "study-job")));
  }

  private StudyStatus status() throws IOException {
    JobsFile file = JobsFile.exists(folder()) ? JobsFile.read(folder()) : null;
    return StudyStatus.of(tasks(), folder(), file, scheduler);
  }

  private List<String> newCalls() {
    List<String> calls = List.copyOf(scheduler.calls);
    scheduler.calls.clear();
    return calls;
  }

  @Test
  void aTaskIsAJobThatWaitsForThoseItNeedsAndTheReportForAll() throws IOException {
    assertEquals(new ScheduledStudy.Submission(3, 0), jobs().submit());
    assertEquals(
        List.of(
            "1=task parent ok[] any[]",
            "2=task other ok[] any[]",
            "3=task child ok[1] any[]",
            "4=report ok[] any[1, 2, 3]"),
        newCalls());
  }

  @Test
  void aSecondStartAttaches() throws IOException {
    jobs().submit();
    finish("parent", "1");
    newCalls();
    assertEquals(new ScheduledStudy.Submission(0, 2), jobs().submit());
    assertEquals(List.of(), newCalls());
  }

  @Test
  void twoStartsAtOnceSubmitOnce() throws Exception {
    List<CompletableFuture<ScheduledStudy.Submission>> starts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      starts.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return jobs().submit();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                } catch (IllegalStateException e) { // within one process a lock is not waited for
                  return new ScheduledStudy.Submission(0, 0);
                }
              }));
    }
    int submitted = 0;
    for (CompletableFuture<ScheduledStudy.Submission> start : starts) {
      submitted += start.get().submitted();
    }
    assertEquals(3, submitted);
    assertEquals(4, scheduler.jobs.size());
  }

  @Test
  void whatIsDoneIsNoJobAndNobodyWaitsForIt() throws IOException {
    Files.createDirectories(folder().node("parent"));
    jobs().submit();
    assertEquals(
        List.of("1=task other ok[] any[]", "2=task child ok[] any[]", "3=report ok[] any[1, 2]"),
        newCalls());
  }

  @Test
  void theLastJobSubmitsWhatWasLostAsOftenAsTheSettingsSay() throws IOException {
    jobs().submit();
    finish("other", "2");
    scheduler.end("1", "FAILED"); // its script was killed, too
    scheduler.end("3", "CANCELLED"); // Slurm's word for a job whose need has failed
    newCalls();
    assertEquals(State.LOST, status().tasks().get(1).state());
    assertEquals("FAILED, see jobs/task-parent-parent.log", status().tasks().get(1).detail());
    assertEquals(new ScheduledStudy.Submission(2, 0), jobs().submitLost());
    assertEquals(
        List.of("5=task parent ok[] any[]", "6=task child ok[5] any[]", "7=report ok[] any[5, 6]"),
        newCalls());
    scheduler.end("5", "FAILED");
    scheduler.end("6", "CANCELLED");
    assertEquals(new ScheduledStudy.Submission(0, 0), jobs().submitLost(), "one try was asked for");
    assertEquals(new ScheduledStudy.Submission(2, 0), jobs().submit(), "a person may ask again");
  }

  @Test
  void whatFailedByItselfIsNotSubmittedByTheLastJob() throws IOException {
    jobs().submit();
    finish("other", "2");
    new TaskFailure(false, "loss is NaN").write(folder().failure("parent"), "task parent");
    scheduler.end("1", "FAILED");
    scheduler.end("3", "CANCELLED");
    assertEquals(new ScheduledStudy.Submission(0, 0), jobs().submitLost());
    assertEquals("loss is NaN", status().tasks().get(1).detail());
    assertEquals("1 of 3 tasks done, 1 lost, 1 failed", status().summary());
  }

  @Test
  void aRefusedJobTakesThoseBeforeItAlong() throws IOException {
    scheduler.refused = "task child";
    assertThrows(JobException.class, () -> jobs().submit());
    assertEquals("cancel[1, 2]", newCalls().get(2));
    scheduler.refused = "";
    assertEquals(new ScheduledStudy.Submission(3, 0), jobs().submit());
  }

  @Test
  void aCancelledStudyIsNotSubmittedAgainByItsLastJob() throws IOException {
    jobs().submit();
    finish("parent", "1");
    newCalls();
    assertEquals(3, StudyJobs.cancel(folder(), scheduler));
    assertEquals(List.of("cancel[4, 2, 3]"), newCalls(), "the report's first");
    assertEquals(new ScheduledStudy.Submission(0, 0), jobs().submitLost());
    assertFalse(status().isActive());
    assertEquals("1 of 3 tasks done, 2 cancelled", status().summary());
    assertEquals(new ScheduledStudy.Submission(2, 0), jobs().submit());
    assertEquals("1 of 3 tasks done, 2 queued", status().summary());
  }

  @Test
  void statusIsThatOfFolderAndScheduler() throws IOException {
    assertEquals("0 of 3 tasks done, 3 open", status().summary());
    jobs().submit();
    finish("parent", "1");
    scheduler.jobs.put("2", new JobState(Phase.RUNNING, "RUNNING", ""));
    StudyStatus status = status();
    assertEquals("1 of 3 tasks done, 1 running, 1 queued", status.summary());
    assertTrue(status.isActive());
    TaskLock lock = TaskLock.tryAcquire(folder().lock("child")).orElseThrow();
    assertEquals(2, status().count(State.RUNNING), "a process holds its lock");
    lock.close();
    assertEquals(1, status().count(State.RUNNING));
  }

  @Test
  void aStudyWithoutJobsSaysSo() {
    String message =
        assertThrows(ConfigException.class, () -> StudyJobs.cancel(folder())).getMessage();
    assertTrue(message.endsWith("has no jobs: the study was not started with --executor"), message);
  }
}
