package ai.dmt.internal.handle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that ends while it trains: {@link ShutdownProgram} in a JVM of its own. */
@Tag("native")
class ShutdownTest {
  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "EXIT_OF_ANOTHER_THREAD, 3, true", // the hook closes, the training ends with its step
    "EXIT_IN_A_LISTENER, 3, false", // its thread never returns: the hook closes all the same
    "SIGNAL, 143, true",
    "SIGNAL_WITHOUT_HOOK, 143, false"
  })
  void theProcessEndsAsItWasTold(ShutdownProgram.Ending ending, int code, boolean trainingEnds)
      throws Exception {
    Process process = start(ending);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), said);
    assertEquals(code, process.exitValue(), said);
    assertEquals(
        ending != ShutdownProgram.Ending.SIGNAL_WITHOUT_HOOK, said.contains("closed"), said);
    assertEquals(trainingEnds, said.contains("the training has ended"), said);
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.toString().contains("hs_err")), said);
    }
  }

  private Process start(ShutdownProgram.Ending ending) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-Ddmt.native.path=" + System.getProperty("dmt.native.path", ""),
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            ShutdownProgram.class.getName(),
            ending.name());
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
  }
}
