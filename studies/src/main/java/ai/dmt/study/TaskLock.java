package ai.dmt.study;

import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.text.HostName;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps a second process from the same work, on this machine or another; nobody waits for the dead
 * for long, see {@link Claim}. The file itself stays, and says what was done last under the lock.
 */
final class TaskLock implements AutoCloseable {
  private final Path file;
  private final Claim claim;

  private TaskLock(Path file, Claim claim) {
    this.file = file;
    this.claim = claim;
  }

  /** Takes the lock; empty if another process, or this one, holds it. */
  static Optional<TaskLock> tryAcquire(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return Claim.tryAcquire(file).map(claim -> new TaskLock(file, claim));
  }

  /**
   * Takes the lock, waiting for another process that holds it.
   *
   * @throws IllegalStateException if this process holds it
   */
  static TaskLock acquire(Path file) throws IOException {
    if (Claim.isOwn(file)) {
      throw new IllegalStateException(file + " is locked by this process");
    }
    Files.createDirectories(file.getParent());
    return new TaskLock(file, Claim.acquire(file));
  }

  /** Whether a process, this one too, holds a lock now, or may do so for all that is known. */
  static boolean isHeld(Path file) throws IOException {
    return Claim.isHeld(file);
  }

  /** Whether this process was thought dead, and another one may be at the work. */
  boolean isLost() {
    return claim.isLost();
  }

  /** Comes before the work is made visible. @throws IOException if the lock was lost */
  void demandHeld() throws IOException {
    claim.demandHeld();
  }

  /** Says in the file what is done under the lock, and where, for those who watch. */
  void describe(String task) {
    try {
      ObjectNode node =
          JsonNodeFactory.instance
              .objectNode()
              .put("task", task)
              .put("process", ProcessHandle.current().pid())
              .put("host", HostName.own());
      FileOutput.write(file, node + "\n");
    } catch (IOException e) {
      return; // the disk may be full; the task itself says so, if it needs room
    }
  }

  @Override
  public void close() throws IOException {
    claim.close();
  }
}
