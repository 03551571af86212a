package ai.dmt.internal.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which dmt this is, as the build wrote it into the jar.
 *
 * @param version of the artifacts
 * @param sources SHA-256 over the sources of all modules: equal for builds of the same sources,
 *     whatever compiler and JDK made them
 * @param commit of the sources' repository, with "-dirty" where files differ from it; empty where
 *     the build knew none
 */
public record BuildVersion(String version, String sources, String commit) {
  private static final String RESOURCE = "version.properties";

  /** {@return version and sources of the classes that are running} */
  public static BuildVersion current() {
    Properties properties = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream(RESOURCE)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " of this build cannot be read", e);
    }
    String commit = properties.getProperty("commit", "");
    return new BuildVersion(
        properties.getProperty("version"),
        properties.getProperty("sources"),
        commit.matches("[0-9a-f]{40}(-dirty)?") ? commit : "");
  }
}
