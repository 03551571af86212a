package ai.dmt.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Conversation;
import ai.dmt.data.ConversationReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorldFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double SCALE = 0.002;

  @TempDir private Path folder;

  private static Path write(WorldKind kind, long seed, Path folder) throws IOException {
    WorldFiles.write(World.of(kind, seed, SCALE, Part.TEST), folder);
    return folder;
  }

  @ParameterizedTest
  @EnumSource
  void theSameSeedWritesTheSameBytes(WorldKind kind) throws IOException {
    Path one = write(kind, 1, folder.resolve("a")).resolve(WorldFiles.MANIFEST);
    Path two = write(kind, 1, folder.resolve("b")).resolve(WorldFiles.MANIFEST);
    Path other = write(kind, 2, folder.resolve("c")).resolve(WorldFiles.MANIFEST);
    assertEquals(Files.readString(one), Files.readString(two));
    assertTrue(WorldFiles.areIn(folder.resolve("a"), World.of(kind, 1, SCALE, Part.TEST)));
    assertFalse(WorldFiles.areIn(folder.resolve("a"), World.of(kind, 2, SCALE, Part.TEST)));
    JsonNode files = JSON.readTree(one.toFile()).get("files");
    JsonNode others = JSON.readTree(other.toFile()).get("files");
    for (var file : files.properties()) {
      assertNotEquals(file.getValue(), others.get(file.getKey()), file.getKey());
    }
  }

  @ParameterizedTest
  @CsvSource({"PAPER, 9", "OFFICE, 12"})
  void theManifestTellsRowsAndHashes(WorldKind kind, int count) throws Exception {
    write(kind, 1, folder);
    JsonNode manifest = JSON.readTree(folder.resolve(WorldFiles.MANIFEST).toFile());
    JsonNode files = manifest.get("files");
    assertEquals(kind.text(), manifest.get("kind").asText());
    assertEquals(count, files.size());
    for (var file : files.properties()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file.getKey()));
      String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      assertEquals(hash, file.getValue().get("sha256").asText(), file.getKey());
      long lines = Files.readString(folder.resolve(file.getKey())).lines().count();
      assertEquals(lines, file.getValue().get("rows").asLong(), file.getKey());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PAPER, math, 220",
    "PAPER, code, 40",
    "PAPER, general, 172",
    "OFFICE, calendar, 60",
    "OFFICE, table, 60",
    "OFFICE, glossary, 6",
    "OFFICE, chat, 90"
  })
  void trainingRowsAreReadAsRealDataSetsAre(WorldKind kind, String source, int count)
      throws IOException {
    write(kind, 1, folder);
    List<Conversation> rows = new ArrayList<>();
    try (ConversationReader reader =
        ConversationReader.open(folder.resolve(source + "_train.jsonl"))) {
      reader.forEachRemaining(rows::add);
    }
    assertEquals(count, rows.size());
    assertTrue(rows.stream().allMatch(Conversation::answered));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.5, 1e-6, Double.NaN})
  void refusesScalesThatLeaveNoRow(double scale) {
    for (WorldKind kind : WorldKind.values()) {
      assertThrows(ConfigException.class, () -> World.of(kind, 1, scale, Part.TEST));
    }
  }

  @Test
  void someQuestionsHaveASecondTurn() throws IOException {
    write(WorldKind.PAPER, 1, folder);
    List<String> lines = Files.readAllLines(folder.resolve("general_test.jsonl"));
    int second = 0;
    for (String line : lines) {
      JsonNode question = JSON.readTree(line);
      assertEquals(question.get("turns").size(), question.get("rules").size());
      assertEquals(question.get("turns").size(), question.get("reference").size());
      second += question.get("turns").size() - 1;
    }
    assertTrue(second >= 60 && second <= 140, "second turns: " + second);
  }
}
