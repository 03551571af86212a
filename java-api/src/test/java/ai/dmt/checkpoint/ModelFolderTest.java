package ai.dmt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir private Path parent;
  private Path target;

  @BeforeEach
  void name() {
    target = parent.resolve("model");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static ModelFolder.Contents weights(String content) {
    return folder -> Files.writeString(folder.resolve("model.safetensors"), content);
  }

  @Test
  void folderAppearsWithItsParents() throws IOException {
    Path deep = parent.resolve("a/b/model");
    ModelFolder.write(deep, weights("new"));
    assertEquals("new", Files.readString(deep.resolve("model.safetensors")));
    assertEquals(List.of("model"), names(deep.getParent()));
  }

  @Test
  void failedWriteLeavesTheOldModelWholeAndNothingElse() throws IOException {
    ModelFolder.write(target, weights("old"));
    IOException full = new IOException("No space left on device");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                ModelFolder.write(
                    target,
                    folder -> {
                      weights("half").writeTo(folder);
                      throw full;
                    }));
    assertEquals(full, e);
    assertEquals("old", Files.readString(target.resolve("model.safetensors")));
    assertEquals(List.of("model"), names(parent));
  }

  @Test
  void oldModelStaysInPlaceWhileTheNewOneIsWritten() throws IOException {
    ModelFolder.write(target, weights("old"));
    ModelFolder.write(
        target,
        folder -> {
          assertEquals("old", Files.readString(target.resolve("model.safetensors")));
          weights("new").writeTo(folder);
        });
    assertEquals("new", Files.readString(target.resolve("model.safetensors")));
  }

  @Test
  void staleWeightsGoAndForeignFilesStay() throws IOException {
    Files.createDirectories(target.resolve("logs"));
    Files.writeString(target.resolve("logs/a"), "log");
    Files.writeString(target.resolve("metrics.jsonl"), "{}");
    Files.writeString(target.resolve("model-00001-of-00002.safetensors"), "stale");
    Files.writeString(target.resolve("model.safetensors.index.json"), "stale");
    Files.writeString(target.resolve("tokenizer.json"), "stale");
    ModelFolder.write(target, weights("new"));
    assertEquals(List.of("logs", "metrics.jsonl", "model.safetensors"), names(target));
    assertEquals("log", Files.readString(target.resolve("logs/a")));
  }

  @Test
  void saveThatWasKilledBetweenTheRenamesIsUndone() throws IOException {
    Path old = Files.createDirectory(parent.resolve(".model.old"));
    Files.writeString(old.resolve("model.safetensors"), "old");
    Path saving = Files.createDirectory(parent.resolve(".model.saving"));
    Files.writeString(saving.resolve("model.safetensors"), "whole or not");
    assertThrows(
        IOException.class,
        () ->
            ModelFolder.write(
                target,
                folder -> {
                  throw new IOException("full");
                }));
    assertEquals("old", Files.readString(target.resolve("model.safetensors")));
    assertEquals(List.of("model"), names(parent));
  }

  @Test
  void saveThatWasKilledBeforeCleaningUpIsFinished() throws IOException {
    ModelFolder.write(target, weights("first"));
    Path old = Files.createDirectory(parent.resolve(".model.old"));
    Files.writeString(old.resolve("model.safetensors"), "zeroth");
    Files.writeString(old.resolve("metrics.jsonl"), "{}");
    ModelFolder.write(target, weights("second"));
    assertEquals("second", Files.readString(target.resolve("model.safetensors")));
    assertEquals("{}", Files.readString(target.resolve("metrics.jsonl")));
    assertEquals(List.of("model"), names(parent));
  }

  @Test
  void placeThatIsAFileIsRefused() throws IOException {
    Files.writeString(target, "mine");
    IOException e =
        assertThrows(IOException.class, () -> ModelFolder.write(target, weights("new")));
    assertTrue(e.getMessage().contains("is not a folder"), e::getMessage);
    assertEquals("mine", Files.readString(target));
  }

  @Test
  void engineIsSavedWithTheTokenizerOfItsBase() throws IOException {
    Path base = Files.createDirectory(parent.resolve("base"));
    Files.writeString(base.resolve("tokenizer.model"), "pieces");
    Files.writeString(base.resolve("tokenizer_config.json"), "{}");
    Files.writeString(base.resolve("model.safetensors"), "base weights");
    ModelConfig model = ModelConfig.llama(5, 4, 4, 1, 2, 2, 8);
    try (FakeEngine engine = FakeEngine.create(model, 1, EngineConfig.defaults())) {
      engine.save(target, DType.FLOAT32, base);
    }
    assertEquals(
        List.of("config.json", "model.fake", "tokenizer.model", "tokenizer_config.json"),
        names(target));
  }

  @Test
  void baseMayBeTheTargetItself() throws IOException {
    Files.createDirectory(target);
    Files.writeString(target.resolve("tokenizer.model"), "pieces");
    ModelConfig model = ModelConfig.llama(5, 4, 4, 1, 2, 2, 8);
    try (FakeEngine engine = FakeEngine.create(model, 1, EngineConfig.defaults())) {
      engine.save(target, DType.FLOAT32, target);
    }
    assertEquals("pieces", Files.readString(target.resolve("tokenizer.model")));
    assertFalse(Files.exists(parent.resolve(".model.old")));
  }

  @Test
  void linkedModelStaysWhenTheFirstIsWrittenAgain() throws IOException {
    Path stage = target.resolve("stages/1-a");
    ModelFolder.write(stage, weights("first"));
    Files.writeString(target.resolve("metrics.jsonl"), "log");
    ModelFolder.link(stage, target);
    assertEquals(List.of("metrics.jsonl", "model.safetensors", "stages"), names(target));
    assertTrue(
        Files.isSameFile(stage.resolve("model.safetensors"), target.resolve("model.safetensors")));
    ModelFolder.write(stage, weights("second"));
    assertEquals("first", Files.readString(target.resolve("model.safetensors")));
  }
}
