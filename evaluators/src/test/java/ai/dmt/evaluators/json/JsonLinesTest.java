package ai.dmt.evaluators.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class JsonLinesTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("f.jsonl");
  }

  private String fault(byte[] content) throws IOException {
    Files.write(file, content);
    return assertThrows(
            DataException.class, () -> JsonLines.read(file, line -> line.wholeNumber("n")))
        .getMessage();
  }

  private String fault(String content) throws IOException {
    return fault(content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void blankLinesCountButHoldNothing() throws IOException {
    Files.writeString(file, "{\"n\": 1}\r\n\n  \n{\"n\": 2}");
    assertEquals(List.of(1L, 4L), JsonLines.read(file, line -> line.origin().line()));
  }

  @Test
  void gzipIsToldByContent() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write("{\"n\": 1}\n{\"n\": 2}\n".getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, bytes.toByteArray());
    assertEquals(List.of(1, 2), JsonLines.read(file, line -> line.wholeNumber("n")));
  }

  @Test
  void faultsNameFileAndLine() throws IOException {
    assertEquals(
        file + ":2: \"n\" must be a whole number, got a string",
        fault("{\"n\": 1}\n{\"n\": \"\"}"));
    assertEquals(file + ":1: \"n\" must be a whole number, got 1.5", fault("{\"n\": 1.5}"));
    assertEquals(file + ":1: \"n\" must be a whole number, got nothing", fault("{}"));
    assertEquals(file + ":1: expected a JSON object, got NUMBER", fault("[1]"));
    String malformed = fault("{\"n\": 1}\n\n{\"n\": ");
    assertEquals(
        file + ":3: malformed JSON: ", malformed.substring(0, malformed.indexOf("N: ") + 3));
    String invalid = fault(new byte[] {'{', '}', '\n', '"', (byte) 0xC3, '"'});
    assertEquals(file + ":1: \"n\" must be", invalid.substring(0, invalid.indexOf("be") + 2));
    assertEquals(
        file + ":2: the line is not valid UTF-8: byte 0xC3",
        fault(new byte[] {'\n', '"', (byte) 0xC3, '"'}));
  }

  @Test
  void missingFileIsNamed() {
    assertEquals(
        file + ": no such file",
        assertThrows(DataException.class, () -> JsonLines.read(file, line -> line)).getMessage());
  }
}
