package ai.dmt.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What must survive a crash of the machine, and what the system says when it cannot be done. */
public final class Disk {
  private Disk() {}

  /**
   * Brings a file's content to the disk, or a folder's names.
   *
   * @param path file or folder; a folder's names alone are flushed, not what its files hold
   * @throws IOException if it is not there, or the system says that it failed
   */
  public static void flush(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // File systems on which folders cannot be flushed order renames themselves.
      if (!Files.isDirectory(path) || !"Invalid argument".equals(e.getMessage())) {
        throw e;
      }
    }
  }

  /**
   * Copies a file's content; the copy's mode follows the umask, whatever the file's own is. Models
   * of a hub's cache are links to files that nobody may write.
   *
   * @param file to read, or a link to one
   * @param copy to write; one that is there is overwritten
   * @throws IOException if the first is no regular file, or if either of them fails
   */
  public static void copy(Path file, Path copy) throws IOException {
    try (InputStream in = RegularFile.open(file);
        OutputStream out = FileOutput.stream(copy)) {
      in.transferTo(out);
    }
  }

  /**
   * Deletes a folder with all that is in it, if it is there; a link alone, not what it points to.
   *
   * @param folder to delete, or a single file
   * @throws IOException if something in it cannot be deleted
   */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * {@return bytes of files and of all that is in folders; what has several names counts once, what
   * is not there, or is deleted meanwhile by another rank, nothing}
   *
   * @param paths files and folders
   * @throws IOException if a folder cannot be read
   */
  public static long occupied(List<Path> paths) throws IOException {
    Map<Object, Long> sizes = new HashMap<>();
    for (Path path : paths) {
      if (Files.exists(path)) {
        Files.walkFileTree(path, new Sizes(sizes));
      }
    }
    return sizes.values().stream().mapToLong(size -> size).sum();
  }

  /**
   * {@return what the system said, in words: most of the JDK's messages are a path alone}
   *
   * @param e mostly an {@link IOException}
   */
  public static String reason(Exception e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or folder";
    }
    if (e instanceof FileAlreadyExistsException there) {
      return there.getFile() + " is there already";
    }
    if (e instanceof CharacterCodingException) {
      return "it is not UTF-8";
    }
    if (e instanceof FileSystemLoopException) {
      return "too many levels of symbolic links";
    }
    if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Of files, by what the system knows them by. */
  private static final class Sizes extends SimpleFileVisitor<Path> {
    private final Map<Object, Long> sizes;

    Sizes(Map<Object, Long> sizes) {
      this.sizes = sizes;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile()) {
        sizes.put(attributes.fileKey(), attributes.size());
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      return unlessGone(e);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
      return unlessGone(e);
    }

    private static FileVisitResult unlessGone(IOException e) throws IOException {
      if (e != null && !(e instanceof NoSuchFileException)) {
        throw e;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
