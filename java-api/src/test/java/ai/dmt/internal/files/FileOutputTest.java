package ai.dmt.internal.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class FileOutputTest {
  /** A disk that is always full. */
  private static final Path FULL = Path.of("/dev/full");

  private static final Pattern WRITES =
      Pattern.compile("\\bFiles\\.(write|writeString|newBufferedWriter|newOutputStream)\\(");

  /** They name files themselves. */
  private static final Set<String> OF_FILES =
      Set.of("FileOutput.java", "WholeFile.java", "OutputPlace.java");

  private static void assertNamed(Executable write) {
    IOException e = assertThrows(UnwrittenFileException.class, write);
    assertEquals("/dev/full cannot be written: No space left on device", e.getMessage());
    assertEquals("No space left on device", Disk.reason(e));
  }

  @Test
  void aFullDiskIsNamedWhateverWrites() {
    assertNamed(() -> FileOutput.write(FULL, "text"));
    assertNamed(() -> FileOutput.write(FULL, new byte[] {1}));
    assertNamed(
        () -> {
          try (OutputStream out = FileOutput.stream(FULL)) {
            out.write(1);
          }
        });
    assertNamed(
        () -> {
          try (Writer out = FileOutput.writer(FULL)) {
            out.write("kept until it is closed");
          }
        });
  }

  @Test
  void whatTheJdkNamesKeepsItsType(@TempDir Path folder) {
    Path file = folder.resolve("no-folder/file");
    assertThrows(NoSuchFileException.class, () -> FileOutput.write(file, "text"));
  }

  @Test
  void textIsUtf8AndNothingElseIsWrittenForIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("file");
    try (Writer out = FileOutput.writer(file)) {
      out.write("größer");
    }
    FileOutput.write(file, "!", StandardOpenOption.APPEND);
    assertEquals("größer!", Files.readString(file));
    assertThrows(CharacterCodingException.class, () -> FileOutput.write(file, "\ud800"));
  }

  /** A message without its file is found only when a disk is full: no other class may write so. */
  @Test
  void nobodyWritesPastIt() throws IOException {
    List<Path> past = new ArrayList<>();
    for (String module : List.of("java-api", "strategies", "evaluators", "studies", "cli")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          if (!OF_FILES.contains(file.getFileName().toString())
              && WRITES.matcher(Files.readString(file)).find()) {
            past.add(file);
          }
        }
      }
    }
    assertEquals(List.of(), past, "FileOutput or WholeFile write in their place");
  }
}
