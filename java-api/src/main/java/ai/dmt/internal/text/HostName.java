package ai.dmt.internal.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this host calls itself; no name service is asked, which may be slow or away. */
public final class HostName {
  private static final Path FILE = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  /** {@return the name; "" where the system has no such file} */
  public static String own() {
    try {
      return Files.exists(FILE) ? Files.readString(FILE).strip() : "";
    } catch (IOException e) {
      return "";
    }
  }
}
