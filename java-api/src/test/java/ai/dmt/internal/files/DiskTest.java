package ai.dmt.internal.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {
  @TempDir private Path folder;

  @Test
  void sizeIsThatOfWhatIsThereOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "12345");
    Files.createLink(Files.createDirectory(folder.resolve("d")).resolve("b"), file);
    assertEquals(5, Disk.occupied(List.of(folder, file, folder.resolve("nowhere"))));
  }

  /** Each rank tries the folder that all share, and measures what is in it. */
  @Test
  void anotherRanksFoldersMayGoMeanwhile() throws Exception {
    Files.writeString(folder.resolve("a"), "12345");
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              while (!done.get()) {
                comeAndGo(folder.resolve("try/d/e"));
              }
            });
    try {
      for (int i = 0; i < 2000; i++) {
        assertEquals(5, Disk.occupied(List.of(folder)));
      }
    } finally {
      done.set(true);
    }
    other.get();
  }

  private static void comeAndGo(Path deep) {
    try {
      Files.createDirectories(deep);
      Disk.delete(deep.getParent().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
