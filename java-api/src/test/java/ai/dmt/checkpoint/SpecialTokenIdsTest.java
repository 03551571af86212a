package ai.dmt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jackson")
class SpecialTokenIdsTest {
  @TempDir private Path folder;

  private void write(String name, String json) throws IOException {
    Files.writeString(folder.resolve(name), json);
  }

  @Test
  void generationConfigComesBeforeConfig() throws IOException {
    write("config.json", "{\"bos_token_id\": 1, \"eos_token_id\": 2}");
    write("generation_config.json", "{\"eos_token_id\": [128001, 128009]}");
    SpecialTokenIds ids = SpecialTokenIds.read(folder);
    assertEquals(OptionalInt.of(1), ids.bos());
    assertEquals(Set.of(128001, 128009), ids.eos());
  }

  @Test
  void whatIsNotStatedIsEmpty() throws IOException {
    write("config.json", "{\"bos_token_id\": null}");
    SpecialTokenIds ids = SpecialTokenIds.read(folder);
    assertTrue(ids.bos().isEmpty());
    assertTrue(ids.eos().isEmpty());
  }

  @Test
  void malformedFileIsNamed() throws IOException {
    write("config.json", "{");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> SpecialTokenIds.read(folder));
    assertTrue(e.getMessage().contains("config.json"), e::getMessage);
  }
}
