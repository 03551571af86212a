package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Users that nobody else runs programs under, also no other scorer: the kernel counts processes by
 * user. Each is reserved by a lock on a file, which the end of this process gives back.
 */
final class UserIds implements AutoCloseable {
  static final int FIRST = 65_000;

  /** The next one is nobody, and in many containers the last. */
  static final int END = 65_534;

  /** A lock of this process would not keep out this process. */
  private static final Set<Integer> TAKEN_HERE = new HashSet<>();

  private final List<Integer> reserved = new ArrayList<>();
  private final List<FileChannel> locks = new ArrayList<>();
  private final BlockingQueue<Integer> free;

  /**
   * Reserves users.
   *
   * @throws ConfigException if there are not as many, or locks cannot be had
   */
  UserIds(int count) {
    free = new ArrayBlockingQueue<>(count);
    int first = ThreadLocalRandom.current().nextInt(END - FIRST);
    try {
      Path folder = folder();
      for (int i = 0; i < END - FIRST && reserved.size() < count; i++) {
        reserve(folder, FIRST + (first + i) % (END - FIRST));
      }
    } catch (IOException e) {
      close();
      throw new ConfigException("no sandbox: no user can be reserved: " + e, e);
    }
    if (reserved.size() < count) {
      close();
      throw new ConfigException(
          "no sandbox: other sandboxes have taken the users from %s to %s"
              .formatted(FIRST, END - 1));
    }
    free.addAll(reserved);
  }

  private void reserve(Path folder, int uid) throws IOException {
    synchronized (TAKEN_HERE) {
      if (TAKEN_HERE.contains(uid)) {
        return; // closing another channel of its file would end its lock
      }
      FileChannel channel =
          FileChannel.open(
              folder.resolve(Integer.toString(uid)),
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        return;
      }
      TAKEN_HERE.add(uid);
      reserved.add(uid);
      locks.add(channel);
    }
  }

  /** Of root alone; where there is no /run, in the temporary folder. */
  static Path folder() throws IOException {
    Path run = Path.of("/run");
    Path parent = Files.isWritable(run) ? run : Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = parent.resolve("dmt-sandbox-users");
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      boolean own = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0);
      if (!own || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(folder + " is not a folder of root");
      }
    }
    return folder;
  }

  /** One that no program of this process runs under, as long as it is not given back. */
  int take() throws InterruptedException {
    return free.take();
  }

  void giveBack(int uid) {
    free.add(uid);
  }

  List<Integer> reserved() {
    return List.copyOf(reserved);
  }

  @Override
  public void close() {
    synchronized (TAKEN_HERE) {
      for (FileChannel lock : locks) {
        try {
          lock.close();
        } catch (IOException e) {
          continue; // the end of this process ends it, too
        }
      }
      locks.clear();
      reserved.forEach(TAKEN_HERE::remove);
      reserved.clear();
    }
  }
}
