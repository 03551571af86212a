package ai.dmt.run;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second run from writing to the same output folder. The lock is a file beside the folder,
 * since the folder itself is swapped when the model is saved; it ends with the process.
 */
final class OutputLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws ConfigException if another run holds it
   * @throws IOException if the lock file cannot be made
   */
  static OutputLock acquire(Path output) throws IOException {
    Path folder = output.toAbsolutePath().normalize();
    Files.createDirectories(folder.getParent());
    Path file = folder.resolveSibling("." + folder.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by this process
    }
    if (lock == null) {
      channel.close();
      throw new ConfigException(
          "--output %s: another run is writing to it (it holds %s); wait or name another folder"
              .formatted(output, file));
    }
    return new OutputLock(file, channel);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
