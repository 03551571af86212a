package ai.dmt.completion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.DataException;
import ai.dmt.data.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptFileTest {
  @TempDir private Path folder;

  @Test
  void promptsAndMessagesAreRead() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("p.jsonl"),
            """
            {"id": "a", "prompt": "One?"}

            {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Two?"}]}
            """);
    List<PromptRecord> prompts = PromptFile.read(file);
    assertEquals(2, prompts.size());
    assertEquals("a", prompts.get(0).id());
    assertEquals("One?", prompts.get(0).text());
    assertEquals("3", prompts.get(1).id());
    assertNull(prompts.get(1).text());
    assertEquals(Role.SYSTEM, prompts.get(1).conversation().turns().get(0).role());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"id\": | malformed JSON",
        "{\"prompt\": \"a\"} {} | there is more after the end",
        "{\"id\": 1} | expected an object with either \"prompt\" or \"messages\", got the fields"
            + " [id]",
        "[1] | got ARRAY",
        "{\"prompt\": \"a\", \"messages\": []} | either \"prompt\" or \"messages\"",
        "{\"prompt\": 7} | \"prompt\" must be a string, got NUMBER",
        "{\"messages\": 7} | \"messages\" must be an array, got NUMBER",
        "{\"messages\": [{\"role\": \"bot\", \"content\": \"x\"}]} | \"role\" is \"bot\"",
        "{\"messages\": []} | no turn of the user",
      })
  void badLineIsNamed(String line, String expected) throws IOException {
    Path file =
        Files.writeString(folder.resolve("p.jsonl"), "{\"prompt\": \"fine\"}\n" + line + "\n");
    String message = assertThrows(DataException.class, () -> PromptFile.read(file)).getMessage();
    assertTrue(message.startsWith(file + ":2: "), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void emptyAndMissingFilesAreNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("p.jsonl"), "\n\n");
    assertTrue(
        assertThrows(DataException.class, () -> PromptFile.read(file))
            .getMessage()
            .contains("has no prompts"));
    assertTrue(
        assertThrows(DataException.class, () -> PromptFile.read(folder.resolve("none")))
            .getMessage()
            .contains("no such file"));
  }
}
