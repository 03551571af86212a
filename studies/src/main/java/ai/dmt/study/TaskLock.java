package ai.dmt.study;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second process from the same work. The operating system releases it when its process
 * dies, however it dies, so nobody waits for the dead. The file stays: were it deleted, two
 * processes could hold locks on two files of one name.
 */
final class TaskLock implements AutoCloseable {
  /** Files that this process has locked: to close a second channel would release the lock. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  private final Path file;
  private final FileChannel channel;

  private TaskLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Takes the lock; empty if another process, or this one, holds it. */
  static Optional<TaskLock> tryAcquire(Path file) throws IOException {
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    FileChannel channel = open(file);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      HELD.remove(file);
      return Optional.empty();
    }
    return Optional.of(new TaskLock(file, channel));
  }

  /**
   * Takes the lock, waiting for another process that holds it.
   *
   * @throws IllegalStateException if this process holds it
   */
  static TaskLock acquire(Path file) throws IOException {
    if (!HELD.add(file)) {
      throw new IllegalStateException(file + " is locked by this process");
    }
    FileChannel channel = open(file);
    channel.lock();
    return new TaskLock(file, channel);
  }

  /** Whether a process, this one too, holds a lock now. */
  static boolean isHeld(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    Optional<TaskLock> lock = tryAcquire(file);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isEmpty();
  }

  /** Says in the file what is done under the lock, and where, for those who watch. */
  void describe(String task) {
    try {
      ObjectNode node =
          JsonNodeFactory.instance
              .objectNode()
              .put("task", task)
              .put("process", ProcessHandle.current().pid())
              .put("host", Files.exists(HOST) ? Files.readString(HOST).strip() : "");
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((node + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      return; // the disk may be full; the task itself says so, if it needs room
    }
  }

  private static FileChannel open(Path file) throws IOException {
    try {
      Files.createDirectories(file.getParent());
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      HELD.remove(file);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    HELD.remove(file);
  }
}
