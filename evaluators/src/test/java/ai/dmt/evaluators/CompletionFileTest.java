package ai.dmt.evaluators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionFileTest {
  private static final String LINES =
      """
      {"id": 7, "completion": "a", "tokens": 1}

      {"task_id": "HumanEval/0", "completion": "b\\n"}
      {"id": 7, "completion": ""}
      """;

  @TempDir private Path folder;

  private static void check(List<CompletionRecord> read) {
    assertEquals(
        List.of("7", "HumanEval/0", "7"), read.stream().map(CompletionRecord::id).toList());
    assertEquals(List.of("a", "b\n", ""), read.stream().map(CompletionRecord::completion).toList());
    assertEquals(List.of(1L, 3L, 4L), read.stream().map(record -> record.origin().line()).toList());
  }

  @Test
  void linesAreReadPlainAndCompressed() throws IOException {
    check(CompletionFile.read(Files.writeString(folder.resolve("c.jsonl"), LINES)));
    Path packed = folder.resolve("c.txt");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(LINES.getBytes(StandardCharsets.UTF_8));
    }
    check(CompletionFile.read(packed));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\": 1}                                            | 2: \"completion\" must be a string, got nothing",
        "{\"id\": 1, \"completion\": null}                      | 2: \"completion\" must be a string, got null",
        "{\"completion\": \"\"}                                 | 2: \"id\" must be a whole number or a string, got nothing",
        "{\"id\": 1, \"task_id\": \"a\", \"completion\": \"\"}  | 2: has both",
        "{\"id\": 1.5, \"completion\": \"\"}                    | 2: \"id\" must be a whole number or a string, got 1.5",
        "{\"id\": 1,                                            | 2: malformed JSON",
        "[1]                                                    | 2: expected a JSON object, got ARRAY",
      })
  void faultsNameTheLine(String line, String message) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("c.jsonl"), "{\"id\": 0, \"completion\": \"\"}\n" + line + "\n");
    String said = assertThrows(DataException.class, () -> CompletionFile.read(file)).getMessage();
    assertTrue(said.startsWith(file + ":" + message), said);
  }

  @Test
  void filesThatHoldNothingAreRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("c.jsonl"), "\n");
    for (Path file : List.of(empty, folder, folder.resolve("no"))) {
      String said = assertThrows(DataException.class, () -> CompletionFile.read(file)).getMessage();
      assertTrue(said.startsWith(file + ": "), said);
    }
  }
}
