package ai.dmt.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Files of a model's folder are read only if they are files: a pipe would wait for ever, and a
 * device such as /dev/zero never ends.
 */
public final class RegularFile {
  private RegularFile() {}

  /**
   * Opens a file, or what a link points to.
   *
   * @param file to open
   * @return its bytes from the beginning; the caller closes it
   * @throws IOException if it is not there, or is a pipe, a device, a socket or a folder
   */
  public static InputStream open(Path file) throws IOException {
    demand(file);
    return Files.newInputStream(file);
  }

  /**
   * {@return all bytes of a small file}
   *
   * @param file to read, or a link to one
   * @param most bytes that it may have
   * @throws IOException as {@link #open}, or if it is larger
   */
  public static byte[] read(Path file, long most) throws IOException {
    demand(file);
    long size = Files.size(file);
    if (size > most) {
      throw new IOException("%s has %s bytes, expected at most %s".formatted(file, size, most));
    }
    return Files.readAllBytes(file);
  }

  /**
   * Demands that a path names a regular file, through links.
   *
   * @param file to look at; it is not opened
   * @throws IOException if it is not there, or something else
   */
  public static void demand(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException("%s is a %s, expected a file".formatted(file, kind(file)));
    }
  }

  private static String kind(Path file) throws IOException {
    int type = (int) Files.getAttribute(file, "unix:mode") & 0170000;
    return switch (type) {
      case 0040000 -> "folder";
      case 0010000 -> "named pipe";
      case 0140000 -> "socket";
      default -> "device";
    };
  }
}
