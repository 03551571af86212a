package ai.dmt.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The process of this machine that holds a file's lock, as Linux lists them in /proc. To ask for
 * the lock itself would keep a run that begins from it. A process of another machine, or of another
 * container, is not listed.
 */
final class LockHolder {
  private static final Path TABLE = Path.of("/proc/locks");

  private LockHolder() {}

  /** {@return the process's id; empty if there is none that is known} */
  static OptionalLong of(Path file) {
    try {
      Object inode = Files.getAttribute(file, "unix:ino");
      // A line: number, kind, ADVISORY, READ or WRITE, process, device and inode, range.
      for (String line : Files.readAllLines(TABLE, StandardCharsets.US_ASCII)) {
        String[] words = line.strip().split("\\s+");
        boolean held =
            words.length > 5 && words[1].equals("POSIX") && words[4].matches("[1-9]\\d*");
        if (held && words[5].endsWith(":" + inode)) {
          return OptionalLong.of(Long.parseLong(words[4]));
        }
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return OptionalLong.empty(); // no lock, or no Linux
    }
    return OptionalLong.empty();
  }
}
