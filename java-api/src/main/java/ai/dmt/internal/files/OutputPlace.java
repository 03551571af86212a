package ai.dmt.internal.files;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where an output really lies, and whether it can be written. A link stays a link: what it points
 * to is filled. The folder itself is never moved, so it may be a mount point, the current folder,
 * or lie in a folder of somebody else.
 */
public final class OutputPlace {
  private static final int MOST_LINKS = 40; // as Linux

  /** Longest names that a run puts below its output, so that a path's limit is met at once. */
  private static final String DEEP_FOLDER = "f".repeat(110);

  private static final String DEEP_FILE = "n".repeat(80);

  private static final int STICKY = 01000;

  private OutputPlace() {}

  /**
   * {@return the place that a path means: absolute, through all links, those to nothing too}
   *
   * @param target path, whether something is there or not
   * @throws IOException if links go in circles or cannot be read
   */
  public static Path resolve(Path target) throws IOException {
    return resolve(target.toAbsolutePath(), MOST_LINKS);
  }

  private static Path resolve(Path path, int links) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    if (Files.isSymbolicLink(path)) {
      if (links == 0) {
        throw new FileSystemLoopException(path.toString());
      }
      return resolve(path.resolveSibling(Files.readSymbolicLink(path)), links - 1);
    }
    Path parent = path.getParent();
    return parent == null
        ? path
        : resolve(parent, links).resolve(path.getFileName()).normalize(); // "a/.." of what is not
  }

  /**
   * Makes a folder and its parents, if they are not there; a link to a folder is one.
   *
   * @param folder to make
   * @return the place
   * @throws IOException if it cannot be made, or a file is in its place
   */
  public static Path make(Path folder) throws IOException {
    return Files.createDirectories(resolve(folder));
  }

  /**
   * {@return the nearest folder that is there: the place itself, or one that it will lie in}
   *
   * @param target path, whether something is there or not
   * @throws IOException see {@link #resolve}
   */
  public static Path existing(Path target) throws IOException {
    Path folder = resolve(target);
    while (!Files.exists(folder)) {
      folder = Objects.requireNonNull(folder.getParent()); // "/" exists
    }
    return folder;
  }

  /**
   * Tries all that writing an output takes, and leaves nothing behind: makes the folders that are
   * missing, in a folder of another name, and in it files and folders with names as long as any
   * that come; writes, flushes, renames and deletes.
   *
   * @param what such as "--output"
   * @param target folder that will be written to, there or not
   * @param files that are written in place, such as logs, where they are there already
   * @throws ConfigException if something fails: it names the path, what was tried and what the
   *     system said
   */
  public static void demandWritable(String what, Path target, List<String> files) {
    try {
      demandName(what, target);
      Path place = resolve(target);
      demandName(what, place);
      if (Files.exists(place) && !Files.isDirectory(place)) {
        throw new ConfigException("%s %s is a file, expected a folder".formatted(what, target));
      }
      Path base = existing(place);
      UserPrincipal self = new Trial(what, target, base).run(base.relativize(place));
      if (Files.isDirectory(place)) {
        demandEntries(what, target, place, self, files);
      }
    } catch (IOException e) {
      throw new ConfigException(
          "%s %s cannot be checked: %s".formatted(what, target, Disk.reason(e)), e);
    }
  }

  /** Native code gets names as texts, and the JDK takes the current folder from one. */
  private static void demandName(String what, Path path) {
    String name = path.toString();
    Path absolute = Path.of(name).toAbsolutePath();
    boolean sameHere =
        path.isAbsolute() || isSame(Path.of("."), Path.of("").toAbsolutePath()); // user.dir
    if (!Path.of(name).equals(path) || !sameHere) {
      throw new ConfigException(
          "%s %s: a name in %s is not UTF-8; rename it, or reach it by a link"
              .formatted(what, name, absolute));
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.isSameFile(a, b);
    } catch (IOException e) {
      return false; // the text names nothing that is there
    }
  }

  /** What is in the folder must be such that it can be written again, or replaced. */
  private static void demandEntries(
      String what, Path target, Path place, UserPrincipal self, List<String> files)
      throws IOException {
    boolean foreign = isSticky(place) && !Files.getOwner(place).equals(self) && !isRoot(self);
    try (Stream<Path> entries = Files.list(place)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (ModelFiles.isModelFile(name) && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          throw new ConfigException(
              "%s %s: %s is a folder, where a file of the model will be"
                  .formatted(what, target, entry));
        }
        if (foreign && !Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).equals(self)) {
          throw new ConfigException(
              "%s %s: %s belongs to another user and the folder is sticky, so it cannot be replaced"
                  .formatted(what, target, entry));
        }
        if (files.contains(name)) {
          demandAppendable(what, target, entry);
        }
      }
    }
  }

  private static void demandAppendable(String what, Path target, Path file) {
    try {
      RegularFile.demand(file);
      Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND).close();
    } catch (IOException e) {
      throw new ConfigException(
          "%s %s: tried to open %s to write: %s".formatted(what, target, file, Disk.reason(e)), e);
    }
  }

  private static boolean isSticky(Path folder) throws IOException {
    return ((int) Files.getAttribute(folder, "unix:mode") & STICKY) != 0;
  }

  private static boolean isRoot(UserPrincipal user) {
    return user.getName().equals("root");
  }

  /** Rehearses in a folder that is there. */
  private static final class Trial {
    private final String what;
    private final Path target;
    private final Path base;
    private final Path own; // several ranks may try at once

    Trial(String what, Path target, Path base) {
      this.what = what;
      this.target = target;
      this.base = base;
      this.own = base.resolve(".try-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    }

    /** What a trial does. */
    private interface Step {
      void run() throws IOException;
    }

    /**
     * Rehearses.
     *
     * @param missing folders to be made below, maybe none
     * @return who owns what is made here
     */
    UserPrincipal run(Path missing) throws IOException {
      step("make a folder", () -> Files.createDirectory(own));
      try {
        Path inside = own.resolve(missing);
        step("make its folders", () -> Files.createDirectories(inside));
        step("make names as long as those of checkpoints", () -> deep(inside));
        Path file = inside.resolve("a");
        step("write a file", () -> Files.write(file, new byte[1 << 12]));
        step("flush a file", () -> Disk.flush(file));
        step("rename a file", () -> rename(file, Files.createFile(inside.resolve("b"))));
        Path folder = inside.resolve("c");
        step("rename a folder", () -> rename(Files.createDirectory(folder), inside.resolve("d")));
        step("flush the folder", () -> Disk.flush(base));
        return Files.getOwner(own);
      } finally {
        step("delete a folder", () -> Disk.delete(own));
      }
    }

    private static void deep(Path folder) throws IOException {
      Files.createFile(Files.createDirectory(folder.resolve(DEEP_FOLDER)).resolve(DEEP_FILE));
    }

    private static void rename(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private void step(String doing, Step step) {
      try {
        step.run();
      } catch (IOException e) {
        throw new ConfigException(
            "%s %s cannot be written: tried to %s in %s: %s"
                .formatted(what, target, doing, base, withoutOwn(Disk.reason(e))),
            e);
      }
    }

    /** What the system says of the trial's own files is true of those that it stands for. */
    private String withoutOwn(String reason) {
      return reason.replaceFirst(Pattern.quote(own.toString()) + "[^:]*:? ?", "");
    }
  }
}
