package ai.dmt.internal.files;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Files that are replaced at once, so that a reader finds the old or the new one, never a part. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * As {@link #replace(Path, byte[])}, in UTF-8.
   *
   * @param file its folders are made
   * @param text all that it will hold
   * @throws IOException naming the file, if it cannot be written
   */
  public static void replace(Path file, String text) throws IOException {
    replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a file beside its place and renames it; a link stays, what it points to is replaced. A
   * file that cannot be renamed over, since it is a mount point or its folder is somebody else's,
   * is written where it is.
   *
   * @param file its folders are made
   * @param content all that it will hold
   * @throws IOException naming the file, if it cannot be written
   */
  public static void replace(Path file, byte[] content) throws IOException {
    try {
      Path place = OutputPlace.resolve(file);
      Files.createDirectories(folderOf(place));
      // By a name of this call's own: several processes may write the same file at once.
      String name = ".new-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
      try {
        rename(place, place.resolveSibling(name), content);
      } catch (IOException e) {
        if (!Files.isRegularFile(place)) {
          throw e;
        }
        Files.write(place, content, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      }
    } catch (IOException e) {
      throw new IOException("%s cannot be written: %s".formatted(file, Disk.reason(e)), e);
    }
  }

  private static void rename(Path place, Path fresh, byte[] content) throws IOException {
    try {
      Files.write(fresh, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Disk.flush(fresh);
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * Tries what writing a file takes, before what is to be in it is computed.
   *
   * @param what such as "--output"
   * @param file that will be written, there or not
   * @throws ConfigException naming the path, what was tried and what the system said
   */
  public static void demandWritable(String what, Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigException("%s %s is a folder, expected a file".formatted(what, file));
      }
      if (!Files.exists(file)) {
        OutputPlace.demandWritable(what, folderOf(OutputPlace.resolve(file)), List.of());
        demandName(what, file);
      } else if (Files.isRegularFile(file)) { // a pipe's reader would see an end
        Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND).close();
      }
    } catch (IOException e) {
      throw new ConfigException(
          "%s %s: tried to open it to write: %s".formatted(what, file, Disk.reason(e)), e);
    }
  }

  /** The folder of a file whose place is resolved. */
  private static Path folderOf(Path place) {
    return place.resolveSibling("");
  }

  private static void demandName(String what, Path file) throws IOException {
    Path place = OutputPlace.resolve(file);
    if (Files.isDirectory(folderOf(place))) {
      Files.delete(Files.createFile(place)); // its name may be too long
    } else if (place.getFileName().toString().getBytes(StandardCharsets.UTF_8).length > 255) {
      throw new ConfigException("%s %s: File name too long".formatted(what, file));
    }
  }
}
