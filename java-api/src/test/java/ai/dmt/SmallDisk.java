package ai.dmt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system of its own that a test can fill: a tmpfs, which needs root.
 *
 * @param folder where it is mounted
 */
public record SmallDisk(Path folder) implements AutoCloseable {
  /**
   * Mounts one, or skips the test where that is not allowed.
   *
   * @param folder to make and mount at
   * @param size as mount takes it, such as 9m or 256k
   */
  public static SmallDisk mount(Path folder, String size) throws IOException {
    Files.createDirectories(folder);
    int mounted = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString());
    assumeTrue(mounted == 0, "skipped: no tmpfs can be mounted here; it needs root");
    return new SmallDisk(folder);
  }

  @Override
  public void close() throws IOException {
    run("umount", "--lazy", folder.toString());
  }

  private static int run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command[0], e);
    }
  }
}
