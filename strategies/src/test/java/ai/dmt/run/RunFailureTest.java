package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFailureTest {
  @TempDir private Path folder;

  @Test
  void whyARunFailedIsKeptUntilItGoesOn() throws IOException {
    assertEquals(Optional.empty(), RunFolder.failure(folder));
    RunFailure.write(folder, new IOException("step 3: no space \"left\""));
    assertEquals(Optional.of("step 3: no space \"left\""), RunFolder.failure(folder));
    RunFailure.write(folder, new IllegalStateException());
    assertEquals(Optional.of("java.lang.IllegalStateException"), RunFolder.failure(folder));
    RunFailure.forget(folder);
    assertEquals(Optional.empty(), RunFolder.failure(folder));
  }

  @Test
  void aFolderThatIsGoneStaysSo() {
    Path gone = folder.resolve("gone");
    RunFailure.write(gone, new IOException("the disk is away"));
    assertFalse(Files.exists(gone));
  }
}
