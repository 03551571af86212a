package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second run from writing to the same output folder. The lock is a file in the folder; it
 * ends with the process.
 */
final class OutputLock implements AutoCloseable {
  /** Its name in the output folder. */
  static final String NAME = ".dmt.lock";

  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Makes the folder, if it is not there, and takes the lock.
   *
   * @throws ConfigException if another run holds it, or the lock file cannot be made
   */
  static OutputLock acquire(Path output) {
    try {
      Path file = OutputPlace.make(output).resolve(NAME);
      OutputLock lock = null;
      while (lock == null) {
        lock = tryOn(output, file);
      }
      return lock;
    } catch (IOException e) {
      throw new ConfigException(
          "--output %s cannot be locked: %s".formatted(output, Disk.reason(e)), e);
    }
  }

  /** Takes the lock. @return null if the run that held it has just deleted the file */
  private static @Nullable OutputLock tryOn(Path output, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      Object opened = key(file);
      FileLock lock = lock(channel);
      if (lock == null) {
        throw new ConfigException(
            "--output %s: another run is writing to it (it holds %s); wait or name another folder"
                .formatted(output, file));
      }
      if (opened.equals(key(file))) {
        return new OutputLock(file, channel);
      }
    } catch (NoSuchFileException e) {
      channel.close();
      return null;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  private static Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this process
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
