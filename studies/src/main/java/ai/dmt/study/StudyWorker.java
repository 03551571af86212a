package ai.dmt.study;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.internal.text.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Works off tasks together with any number of other processes. A task is done by whoever holds its
 * lock; what another process does is waited for, and done here should that process die.
 */
final class StudyWorker {
  private static final long POLL_MILLISECONDS = 100;
  private static final String LOST =
      "another process does it: this one had stood still, and was thought dead";

  private final StudyFolder folder;
  private final List<StudyTask> tasks;
  private final StudyLog log;
  private final Runnable afterTask;
  private final Map<String, StudyTask> byKey = new HashMap<>();

  /**
   * Makes a worker.
   *
   * @param log takes a line about each task
   * @param afterTask is called after each task that this worker did
   */
  StudyWorker(StudyFolder folder, List<StudyTask> tasks, StudyLog log, Runnable afterTask) {
    this.folder = folder;
    this.tasks = new ArrayList<>(tasks);
    this.tasks.sort(
        Comparator.comparingDouble((StudyTask task) -> task.load().weight()).reversed()); // stable
    this.log = log;
    this.afterTask = afterTask;
    tasks.forEach(task -> byKey.put(task.key(), task));
  }

  /** Ends when each task is done, has failed, or hangs on one that has failed. */
  void run() throws IOException, InterruptedException {
    while (true) {
      List<StudyTask> open = open();
      if (open.isEmpty()) {
        return;
      }
      if (!doOne(open)) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS); // others are at work on what is left
      }
    }
  }

  /**
   * Does one task whose needs are done, or waits for another process that does it.
   *
   * @return whether it is done; else it has failed, or its score cannot be had here
   * @throws IOException if one of its needs is not done
   */
  boolean runOne(StudyTask task) throws IOException, InterruptedException {
    for (String need : task.needs()) {
      StudyTask needed = Objects.requireNonNull(byKey.get(need), need);
      if (!isDone(needed)) {
        throw new IOException(
            "%s cannot begin: %s is not there, of %s"
                .formatted(task.label(), needed.folder(), needed.label()));
      }
    }
    while (!isDone(task) && !hasFailed(task)) {
      if (!tryTask(task)) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
      }
    }
    return isDone(task);
  }

  private boolean doOne(List<StudyTask> open) throws IOException {
    for (StudyTask task : open) {
      if (!task.needs().stream()
          .allMatch(key -> isDone(Objects.requireNonNull(byKey.get(key), key)))) {
        continue;
      }
      if (tryTask(task)) {
        return true;
      }
    }
    return false;
  }

  /** Does a task unless another process is at it. @return whether it was this one's turn */
  private boolean tryTask(StudyTask task) throws IOException {
    Optional<TaskLock> lock = TaskLock.tryAcquire(folder.lock(task.key()));
    if (lock.isEmpty()) {
      return false;
    }
    try {
      if (!isDone(task) && !hasFailed(task)) { // another may have been faster
        lock.get().describe(task.label());
        work(task, lock.get());
      }
    } finally {
      lock.get().close();
    }
    afterTask.run();
    return true;
  }

  private void work(StudyTask task, TaskLock lock) throws IOException {
    long start = System.nanoTime();
    String[] done = new String[1];
    try {
      ModelFolder.write(
          task.folder(),
          fresh -> {
            done[0] = task.work().fill(fresh);
            lock.demandHeld();
          });
      NodeCheckpoints.discard(folder, task.key());
    } catch (StoppedException e) {
      throw e; // no failure: it goes on from there
    } catch (MissingScoreException e) {
      new TaskFailure(true, e.getMessage()).write(folder.failure(task.key()), task.label());
      log.onTask("%s: missing: %s".formatted(task.label(), e.getMessage()));
      return;
    } catch (IOException | RuntimeException e) {
      if (lock.isLost()) { // what it failed of may be the other process's doing
        log.onTask("%s: %s".formatted(task.label(), LOST));
        return;
      }
      String reason = e instanceof IOException || e.getMessage() == null ? "" + e : e.getMessage();
      log.onFailure("%s: failed: %s".formatted(task.label(), reason));
      new TaskFailure(false, reason).write(folder.failure(task.key()), task.label());
      return;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    log.onTask(Units.format("%s: %s in %.1f s", task.label(), done[0], took.toMillis() / 1000.0));
  }

  /** Tasks that can still be done, those first that most hangs on. */
  List<StudyTask> open() {
    Set<String> lost = new HashSet<>();
    boolean more = true;
    while (more) { // a failure goes down the graph
      more = false;
      for (StudyTask task : tasks) {
        boolean failed =
            !isDone(task) && (hasFailed(task) || task.needs().stream().anyMatch(lost::contains));
        more |= failed && lost.add(task.key());
      }
    }
    return tasks.stream().filter(task -> !isDone(task) && !lost.contains(task.key())).toList();
  }

  private boolean isDone(StudyTask task) {
    return Files.exists(task.folder());
  }

  private boolean hasFailed(StudyTask task) {
    return Files.exists(folder.failure(task.key()));
  }
}
