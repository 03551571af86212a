package ai.dmt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Data and golden files that lie beside the repository. Their folder is the system property {@code
 * dmt.shared}, the environment variable {@code DMT_SHARED}, or {@code ../shared} of the repository.
 */
public final class SharedFiles {
  private SharedFiles() {}

  /**
   * A file or folder, such as "golden/mha"; without it the test is skipped with a printed reason.
   */
  public static Path require(String path) {
    Path file = root().resolve(path);
    if (!Files.exists(file)) {
      String reason = "skipped: %s is not there; set DMT_SHARED".formatted(file);
      System.err.println(reason);
      assumeTrue(false, reason);
    }
    return file;
  }

  private static Path root() {
    String set = System.getProperty("dmt.shared", System.getenv("DMT_SHARED"));
    if (set != null) {
      return Path.of(set);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder.getParent() != null && !Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent(); // up from the module to the repository
    }
    return folder.resolveSibling("shared");
  }
}
