package ai.dmt.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processor's name. */
public final class CpuModel {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private CpuModel() {}

  /**
   * {@return the processor's name, such as "AMD EPYC 7B13"; "unknown" where the system does not
   * say}
   */
  public static String name() {
    try {
      return Files.readAllLines(CPU_INFO).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
