package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFolderTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"/", ".", "..", ""})
  void foldersThatMustNotBeSwappedAreRefused(String output) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> OutputFolder.check(Path.of(output), true, 1));
    assertTrue(e.getMessage().contains("name a folder of its own"), e.getMessage());
  }

  @Test
  void secondRunInOneFolderIsRefusedUntilTheFirstEnds() throws IOException {
    Path output = folder.resolve("new/tuned");
    OutputLock first = OutputLock.acquire(output);
    ConfigException e = assertThrows(ConfigException.class, () -> OutputLock.acquire(output));
    assertTrue(e.getMessage().contains("another run is writing to it"), e.getMessage());
    first.close();
    OutputLock.acquire(output).close();
    assertFalse(Files.exists(output), "the lock must not make the folder");
    try (var left = Files.list(output.getParent())) {
      assertEquals(0, left.count());
    }
  }
}
