package ai.dmt.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The tests with this tag run beside two versions of Jackson; this one proves which. */
@Tag("jackson")
class JacksonVersionTest {
  @Test
  void isTheOneThatTheBuildMeans() {
    Version expected = version(System.getProperty("dmt.jackson.version"));
    assertEquals(expected, bare(new ObjectMapper().version()), "databind");
    assertEquals(expected, bare(new ObjectMapper().getFactory().version()), "core");
    assertEquals(expected, bare(new YAMLFactory().version()), "dataformat-yaml");
  }

  private static Version version(String text) {
    String[] parts = text.split("\\.");
    return new Version(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        null,
        null,
        null);
  }

  private static Version bare(Version version) {
    return new Version(
        version.getMajorVersion(),
        version.getMinorVersion(),
        version.getPatchLevel(),
        null,
        null,
        null);
  }
}
