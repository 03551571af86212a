package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.internal.files.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Order, failures and locks of tasks that train nothing. */
class StudyWorkerTest {
  @TempDir private Path root;
  private final List<String> done = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  private StudyFolder folder() {
    return new StudyFolder(root);
  }

  private StudyTask task(String key, double weight, StudyTask.Work work, String... needs) {
    return new StudyTask(
        key,
        "task " + key,
        folder().node(key),
        List.of(needs),
        new StudyTask.Load(weight, "", 0, 1),
        work);
  }

  private StudyTask task(String key, double weight, String... needs) {
    return task(
        key,
        weight,
        fresh -> {
          done.add(key);
          Files.writeString(fresh.resolve("model"), key);
          return "made";
        },
        needs);
  }

  private void run(StudyTask... tasks) throws IOException, InterruptedException {
    new StudyWorker(folder(), List.of(tasks), log::add, () -> {}).run();
  }

  @Test
  void tasksWaitForWhatTheyNeedAndTheHeaviestComesFirst() throws Exception {
    run(task("light", 1), task("child", 9, "parent"), task("parent", 9), task("middle", 5));
    assertEquals(List.of("parent", "child", "middle", "light"), done);
    assertEquals("child", Files.readString(folder().node("child").resolve("model")));
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws Exception {
    run(task("a", 1));
    run(task("a", 1), task("b", 1, "a"));
    assertEquals(List.of("a", "b"), done);
  }

  @Test
  void failureStopsWhatHangsOnItAndNothingElse() throws Exception {
    run(
        task(
            "bad",
            9,
            fresh -> {
              Files.writeString(fresh.resolve("half"), "x");
              throw new IOException("no space left");
            }),
        task("child", 8, "bad"),
        task("grandchild", 8, "child"),
        task("good", 1));
    assertEquals(List.of("good"), done);
    assertFalse(Files.exists(folder().node("bad")), "half a folder must not stay");
    TaskFailure failure = TaskFailure.read(folder().failure("bad")).orElseThrow();
    assertFalse(failure.missing());
    assertTrue(failure.reason().contains("no space left"), failure.reason());
    assertTrue(log.get(0).startsWith("task bad: failed: "), log::toString);
  }

  @Test
  void scoreThatCannotBeHadIsMissingNotFailed() throws Exception {
    run(
        task(
            "code",
            1,
            fresh -> {
              throw new MissingScoreException("there is no python3");
            }));
    TaskFailure failure = TaskFailure.read(folder().failure("code")).orElseThrow();
    assertEquals(new TaskFailure(true, "there is no python3"), failure);
  }

  @Test
  void halfDoneFoldersOfTheDeadAreDiscarded() throws Exception {
    String name = Sha256.of("a".getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    Path half = Files.createDirectories(folder().node("." + name + ".saving"));
    Files.writeString(half.resolve("old"), "x");
    run(task("a", 1));
    assertEquals(List.of("a"), done);
    assertFalse(Files.exists(folder().node("a").resolve("old")));
    assertFalse(Files.exists(half));
  }

  @Test
  void aProcessTakesALockOnce() throws IOException {
    Path file = folder().lock("x");
    Optional<TaskLock> first = TaskLock.tryAcquire(file);
    assertTrue(first.isPresent());
    assertTrue(TaskLock.tryAcquire(file).isEmpty());
    first.get().close();
    TaskLock again = TaskLock.tryAcquire(file).orElseThrow();
    again.close();
  }
}
