package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two chains of a stage and its score; the second model is twice as large. */
class StudyProgressTest {
  @TempDir private Path root;

  private final StudyTask.Load small = new StudyTask.Load(1, "training", 100, 1);
  private final StudyTask.Load large = new StudyTask.Load(1, "training", 100, 2);

  private StudyTask task(String key, StudyTask.Load load, String... needs) {
    return new StudyTask(
        key, "task " + key, root.resolve(key), List.of(needs), load, fresh -> "made");
  }

  private StudyTask score(String key, double cost, String... needs) {
    return task(key, new StudyTask.Load(1, "gsm8k", 1, cost), needs);
  }

  private List<StudyTask> tasks() {
    return List.of(
        task("base", StudyTask.Load.FIRST),
        task("a", small, "base"),
        task("b", large, "base"),
        score("a-score", 1, "a"),
        score("b-score", 2, "b"));
  }

  private void done(String key, double seconds) throws IOException {
    Files.createDirectories(root.resolve(key));
    Files.writeString(
        root.resolve(key).resolve(StudyTiming.FILE), "{\"seconds\": %s}".formatted(seconds));
  }

  private String line(int jobs) throws IOException {
    StudyFolder folder = new StudyFolder(root);
    return new StudyProgress(tasks(), folder, jobs)
        .line(StudyStatus.of(tasks(), folder, null, null));
  }

  @Test
  void timeIsLeftOnceEachKindOfWorkIsKnown() throws IOException {
    assertEquals("0 %  0/5 tasks", line(1));
    Files.createDirectories(root.resolve("base"));
    done("a", 10);
    assertEquals("40 %  2/5 tasks", line(1), "no score was measured");
    done("a-score", 3);
    assertEquals("60 %  3/5 tasks  00:26 left", line(1)); // 2 x 10 + 2 x 3
    assertEquals("60 %  3/5 tasks  00:26 left", line(2), "one waits for the other");
    done("b", 40); // slower than its parameters say
    assertEquals("80 %  4/5 tasks  00:06 left", line(1));
  }

  @Test
  void whatHangsOnAFailureIsNotWaitedForAndWhatRunsIsNamed() throws IOException {
    StudyFolder folder = new StudyFolder(root);
    Files.createDirectories(root.resolve("base"));
    Files.createDirectories(folder.failures());
    new TaskFailure(false, "no room").write(folder.failure("b"), "task b");
    done("a", 10);
    assertEquals("60 %  3/5 tasks  1 failed", line(1));
    try (TaskLock lock = TaskLock.acquire(folder.lock("a-score"))) {
      lock.describe("task a-score");
      assertEquals("60 %  3/5 tasks  1 failed  task a-score", line(1));
    }
    done("a-score", 3);
    assertTrue(line(1).startsWith("80 %  4/5 tasks  00:00 left  1 failed"), line(1));
  }
}
