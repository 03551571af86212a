package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldCommandTest {
  @TempDir private Path folder;

  @Test
  void writesAWorldOfAScale() throws IOException {
    Dmt.run("world", "--output", folder, "--scale", "0.0025", "--seed", "9").succeeds();
    assertEquals(275, Files.readString(folder.resolve("math_train.jsonl")).lines().count());
    assertEquals(400, Files.readString(folder.resolve("math_test.jsonl")).lines().count());
    assertTrue(Files.readString(folder.resolve("manifest.json")).contains("\"seed\" : 9"));
  }

  @Test
  void writesAnotherWorld() throws IOException {
    Dmt.run("world", "--output", folder, "--kind", "office", "--scale", "0.002").succeeds();
    assertEquals(60, Files.readString(folder.resolve("calendar_train.jsonl")).lines().count());
    assertEquals(128, Files.readString(folder.resolve("chat_held_out.jsonl")).lines().count());
    assertTrue(Files.readString(folder.resolve("manifest.json")).contains("\"kind\" : \"office\""));
    Dmt.run("world", "--output", folder, "--kind", "home").fails(ExitCode.USAGE, "home");
  }

  @Test
  void writesPretrainingTextAlone() throws IOException {
    Dmt.run("world", "--output", folder, "--pretraining", "50").succeeds();
    assertEquals(50, Files.readString(folder.resolve("pretraining.jsonl")).lines().count());
    assertTrue(Files.notExists(folder.resolve("math_train.jsonl")));
  }

  @Test
  void refusesAScaleThatIsNone() {
    Dmt.run("world", "--output", folder, "--scale", "2")
        .fails(ExitCode.USAGE, "scale must be in (0, 1]");
  }
}
