package ai.dmt.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of a process, as Linux counts it in /proc. */
public enum ProcessMemory {
  /** What it has now. */
  NOW("VmRSS:"),
  /** The most that it ever had. */
  PEAK("VmHWM:");

  private static final int KILO = 1024;

  private final String key;

  ProcessMemory(String key) {
    this.key = key;
  }

  /** {@return bytes of this process; empty where the system does not say} */
  public OptionalLong ofThis() {
    return of(Path.of("/proc/self/status"));
  }

  /**
   * {@return bytes of a process; empty if it is gone, or where the system does not say}
   *
   * @param process its id
   */
  public OptionalLong of(long process) {
    return of(Path.of("/proc/%s/status".formatted(process)));
  }

  private OptionalLong of(Path status) {
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> KILO * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
