package ai.dmt.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The class path of this process for others, and an archive of what they load from it: tests start
 * hundreds of processes. See scripts/archive_classes.sh.
 */
final class ClassArchive {
  private static final ClassArchive OF_THIS_BUILD = new ClassArchive();

  private final String classPath;
  private final Path file;

  private ClassArchive() {
    List<String> jars = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    long key = Objects.hash(System.getProperty("java.home"), Runtime.version());
    for (String entry :
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .split(File.pathSeparator)) {
      File there = new File(entry);
      (there.isDirectory() ? folders : jars).add(entry);
      if (there.isFile()) {
        key = 31 * key + Objects.hash(entry, there.length(), there.lastModified());
      }
    }
    // What is archived comes first in a class path, and can be no folder.
    String first = String.join(File.pathSeparator, jars);
    String last = String.join(File.pathSeparator, folders);
    classPath = first + File.pathSeparator + last;
    file = Path.of("target", "classes-" + Long.toHexString(key) + ".jsa").toAbsolutePath();
    try {
      write(first, last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return a class path with the jars of this process's before its folders} */
  static String classPath() {
    return OF_THIS_BUILD.classPath;
  }

  /** {@return the archive, which is made by the first test that asks} */
  static Path file() {
    return OF_THIS_BUILD.file;
  }

  private void write(String jars, String folders) throws IOException {
    Path lock = file.resolveSibling("classes.lock");
    try (FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock(); // until it is closed: other processes of tests wait for the first
      if (Files.exists(file)) {
        return;
      }
      dropOthers();
      Path log = file.resolveSibling("classes.log");
      Process script =
          new ProcessBuilder(
                  "../scripts/archive_classes.sh",
                  file.toString(),
                  System.getProperty("dmt.native.path", ""),
                  jars,
                  folders,
                  Path.of(System.getProperty("java.home"), "bin", "java").toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (script.waitFor() != 0) {
        throw new IOException(Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Those of earlier builds. */
  private void dropOthers() throws IOException {
    try (DirectoryStream<Path> archives =
        Files.newDirectoryStream(file.getParent(), "classes-*.jsa")) {
      for (Path archive : archives) {
        Files.delete(archive);
      }
    }
  }
}
