package ai.dmt.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {
  @TempDir private Path folder;
  private Path file;
  private FollowedFile followed;

  @BeforeEach
  void begin() {
    file = folder.resolve("metrics.jsonl");
    followed = new FollowedFile(() -> file);
  }

  private List<String> read() throws IOException {
    List<String> lines = new ArrayList<>();
    followed.read(() -> lines.add("anew"), lines::add);
    return lines;
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void linesComeOnceAndWhole() throws IOException {
    assertEquals(List.of(), read());
    append("one\ntwo\nhal");
    assertEquals(List.of("anew", "one", "two"), read());
    assertEquals(List.of(), read());
    append("f");
    assertEquals(List.of(), read());
    append("\nna\u00efve\n");
    assertEquals(List.of("half", "na\u00efve"), read());
  }

  @Test
  void aFileThatWasCutReplacedOrWrittenAnewIsReadAgain() throws IOException {
    append("one\ntwo\nthree\n");
    read();
    Files.writeString(file, "one\n");
    assertEquals(List.of("anew", "one"), read(), "cut");
    Path other = Files.writeString(folder.resolve("other"), "one\ntwo\nnew\n");
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertEquals(List.of("anew", "one", "two", "new"), read(), "replaced");
    Files.writeString(file, "another run, and longer than before\nmore\n");
    assertEquals(
        List.of("anew", "another run, and longer than before", "more"), read(), "written anew");
  }

  @Test
  void aFileThatIsAwayIsWaitedFor() throws IOException {
    append("one\n");
    read();
    Path away = folder.resolve("away");
    Files.move(file, away);
    assertEquals(List.of(), read());
    Files.move(away, file);
    append("two\n");
    assertEquals(List.of("two"), read());
  }

  @Test
  void aFileThatIsRenamedIsFollowed() throws IOException {
    append("one\n");
    read();
    Path named = folder.resolve("named");
    Files.move(file, named);
    file = named;
    append("two\n");
    assertEquals(List.of("two"), read());
  }

  @Test
  void linesLongerThanABlockAreWholeAndThoseWithoutAnEndTakeNoMemory() throws IOException {
    append("x".repeat(200_000) + "\n");
    assertEquals(List.of("anew", "x".repeat(200_000)), read());
    append("y".repeat(9 << 20));
    assertEquals(List.of(), read());
    append("\nz\n");
    assertEquals(List.of("z"), read());
  }
}
