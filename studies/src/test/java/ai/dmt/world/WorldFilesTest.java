package ai.dmt.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.provider.ValueSource;

class WorldFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final WorldSize SIZE = new WorldSize(40, 30, 40, 5, 20, 20, 40);

  @TempDir private Path folder;

  private static Path write(Path folder, long seed) throws IOException {
    WorldFiles.write(new World(seed, SIZE, Part.TEST), folder);
    return folder;
  }

  @Test
  void theSameSeedWritesTheSameBytes() throws IOException {
    String one = Files.readString(write(folder.resolve("a"), 1).resolve(WorldFiles.MANIFEST));
    String two = Files.readString(write(folder.resolve("b"), 1).resolve(WorldFiles.MANIFEST));
    String other = Files.readString(write(folder.resolve("c"), 2).resolve(WorldFiles.MANIFEST));
    assertEquals(one, two);
    assertNotEquals(one.replace("\"seed\" : 1", ""), other.replace("\"seed\" : 2", ""));
  }

  @Test
  void theManifestTellsRowsAndHashes() throws Exception {
    write(folder, 1);
    JsonNode files = JSON.readTree(folder.resolve(WorldFiles.MANIFEST).toFile()).get("files");
    assertEquals(9, files.size());
    for (var file : files.properties()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file.getKey()));
      String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      assertEquals(hash, file.getValue().get("sha256").asText(), file.getKey());
      long lines = Files.readString(folder.resolve(file.getKey())).lines().count();
      assertEquals(lines, file.getValue().get("rows").asLong(), file.getKey());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"math", "code", "general"})
  void trainingRowsAreReadAsRealDataSetsAre(String source) throws IOException {
    write(folder, 1);
    List<Conversation> rows = new ArrayList<>();
    try (ConversationReader reader =
        ConversationReader.open(folder.resolve(source + "_train.jsonl"))) {
      reader.forEachRemaining(rows::add);
    }
    assertEquals(source.equals("code") ? 30 : 40, rows.size());
    assertTrue(rows.stream().allMatch(Conversation::answered));
  }

  @Test
  void someQuestionsHaveASecondTurn() throws IOException {
    write(folder, 1);
    List<String> lines = Files.readAllLines(folder.resolve("general_test.jsonl"));
    int second = 0;
    for (String line : lines) {
      JsonNode question = JSON.readTree(line);
      assertEquals(question.get("turns").size(), question.get("rules").size());
      assertEquals(question.get("turns").size(), question.get("reference").size());
      second += question.get("turns").size() - 1;
    }
    assertTrue(second >= 5 && second <= 25, "second turns: " + second);
  }
}
