package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSavingTest {
  private static final ModelConfig MODEL = ModelConfig.llama(5, 4, 4, 1, 2, 2, 8);

  @TempDir private Path folder;

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  /** The output became a file in the middle, and the first other place is gone, too. */
  @Test
  void modelThatCannotBeSavedLiesElsewhereAndTheMessageSaysWhere() throws IOException {
    Path output = Files.writeString(folder.resolve("output"), "in the way");
    Path spare = folder.resolve("spare");
    List<Path> elsewhere = List.of(output.resolve("checkpoints"), Path.of("/proc/self"), spare);
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, EngineConfig.defaults())) {
      ModelSaving saving =
          new ModelSaving(
              engine, DType.FLOAT32, fresh -> Files.writeString(fresh.resolve("beside"), "x"));
      EngineException e = assertThrows(EngineException.class, () -> saving.save(output, elsewhere));
      Path rescued = entries(spare).get(0);
      assertTrue(e.getMessage().contains("cannot be saved to " + output), e::getMessage);
      assertTrue(e.getMessage().endsWith("it is whole in " + rescued), e::getMessage);
      assertEquals("x", Files.readString(rescued.resolve("beside")));
      assertTrue(Files.exists(rescued.resolve("config.json")));
      assertEquals("in the way", Files.readString(output));
    }
  }

  @Test
  void whereNothingTakesItTheMessageSaysSo() throws IOException {
    Path output = Files.writeString(folder.resolve("output"), "in the way");
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, EngineConfig.defaults())) {
      ModelSaving saving =
          new ModelSaving(
              engine,
              DType.FLOAT32,
              fresh -> {
                throw new IOException("the disk is gone");
              });
      EngineException e =
          assertThrows(EngineException.class, () -> saving.save(output, List.of(folder)));
      assertTrue(e.getMessage().contains("nor in any of [" + folder + "]"), e::getMessage);
      assertEquals(List.of(output), entries(folder), "nothing is left of the tries");
    }
  }

  @Test
  void successLeavesOtherPlacesAlone() throws IOException {
    try (FakeEngine engine = FakeEngine.create(MODEL, 1, EngineConfig.defaults())) {
      Path output = folder.resolve("output");
      new ModelSaving(engine, DType.FLOAT32, fresh -> {}).save(output, List.of(folder));
      assertTrue(Files.exists(output.resolve("config.json")));
      assertFalse(Files.exists(folder.resolve("config.json")));
      assertEquals(1, entries(folder).size());
    }
  }
}
