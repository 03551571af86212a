package ai.dmt.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What processes of this machine, or of this container, may have together. The system's files say
 * it; the JDK's own bean is of a module that a small runtime may lack.
 */
final class MachineMemory {
  /** Limits above this are none: version 1 of control groups writes a number for it. */
  private static final long NO_LIMIT = Long.MAX_VALUE / 2;

  private MachineMemory() {}

  /** {@return bytes; {@link Long#MAX_VALUE} where the system does not say} */
  static long bytes() {
    return bytes(Path.of("/"));
  }

  /** For a system whose files lie below a folder. */
  static long bytes(Path root) {
    long memory =
        lines(root.resolve("proc/meminfo"))
            .filter(line -> line.startsWith("MemTotal:"))
            .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(Long.MAX_VALUE);
    return lines(root.resolve("proc/self/cgroup"))
        .mapToLong(line -> limit(root.resolve("sys/fs/cgroup"), line))
        .reduce(memory, Math::min);
  }

  /** The least of a group and all above it, of a line {@code number:controllers:/path}. */
  private static long limit(Path groups, String line) {
    String[] parts = line.split(":", 3);
    if (parts.length < 3
        || !(parts[1].isEmpty() || List.of(parts[1].split(",")).contains("memory"))) {
      return Long.MAX_VALUE;
    }
    boolean second = parts[1].isEmpty();
    Path top = second ? groups : groups.resolve("memory");
    String name = second ? "memory.max" : "memory.limit_in_bytes";
    long least = Long.MAX_VALUE;
    Path group = top.resolve(parts[2].replaceFirst("^/+", "")).normalize();
    while (group != null && group.startsWith(top)) { // within a container the path may not be there
      least = Math.min(least, number(group.resolve(name)).orElse(Long.MAX_VALUE));
      group = group.getParent();
    }
    return least;
  }

  private static Optional<Long> number(Path file) {
    return lines(file)
        .filter(line -> line.matches("\\d{1,18}"))
        .map(Long::parseLong)
        .filter(limit -> limit > 0 && limit < NO_LIMIT)
        .findFirst();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.empty(); // no such system
    }
  }
}
