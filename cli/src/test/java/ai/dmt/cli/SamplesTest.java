package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of samples/ find the modules in a repository that holds nothing of ours but what was
 * just built, and do what they say: see scripts/samples.sh.
 */
@Tag("native")
@Timeout(900)
class SamplesTest {
  @TempDir private Path folder;

  @Test
  void everySampleDoesWhatItSays() throws Exception {
    assumeTrue(hasJar(Path.of("../strategies/target")), "the modules have no jars: mvn verify");
    Dmt.run("world", "--output", folder, "--scale", "0.0025").succeeds();
    Process process =
        new ProcessBuilder("../scripts/samples.sh", "--data", folder.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> said + log());
  }

  private static boolean hasJar(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files.anyMatch(file -> file.getFileName().toString().matches("dmt-.*\\.jar"));
    }
  }

  private static String log() {
    try {
      return Files.readString(Path.of("../target/samples/log"));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }
}
