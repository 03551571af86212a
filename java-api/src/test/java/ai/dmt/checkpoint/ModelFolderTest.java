package ai.dmt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.SmallDisk;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("jackson")
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
    assertEquals(
        List.of("SHA256SUMS", "logs", "metrics.jsonl", "model.safetensors"), names(target));
    assertEquals("log", Files.readString(target.resolve("logs/a")));
  }

  /** Config, weights, a tokenizer, each with the same text. */
  private static ModelFolder.Contents model(String content, String... names) {
    return folder -> {
      for (String name : names) {
        Files.writeString(folder.resolve(name), content);
      }
    };
  }

  private static void assertContents(Path folder, String content, String... names)
      throws IOException {
    assertEquals(List.of(names), names(folder));
    for (String name : names) {
      if (!name.equals("SHA256SUMS")) {
        assertEquals(content, Files.readString(folder.resolve(name)), name);
      }
    }
    assertEquals(List.of(), ModelFolder.faults(folder));
  }

  /** The new model is whole from the rename to .saved on, wherever the process is killed. */
  @ParameterizedTest(name = "{0} files had moved up")
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void saveThatWasKilledAfterItWasWholeIsFinished(int moved) throws IOException {
    ModelFolder.write(
        target, model("old", "config.json", "model-1.safetensors", "added_tokens.json"));
    Files.writeString(target.resolve("metrics.jsonl"), "log");
    Path written = parent.resolve("written");
    ModelFolder.write(written, model("new", "config.json", "model.safetensors", "tokenizer.json"));
    Path saved = Files.move(written, target.resolve(".saved"));
    Files.delete(target.resolve("config.json"));
    for (String name :
        List.of("model.safetensors", "tokenizer.json", "config.json", "SHA256SUMS")
            .subList(0, moved)) {
      Files.move(saved.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    ModelFolder.recover(target);
    Files.delete(target.resolve("metrics.jsonl"));
    if (moved == 4) { // what the old one had more was deleted before anything moved
      Files.delete(target.resolve("model-1.safetensors"));
      Files.delete(target.resolve("added_tokens.json"));
    }
    assertContents(
        target, "new", "SHA256SUMS", "config.json", "model.safetensors", "tokenizer.json");
  }

  @Test
  void saveThatWasKilledWhileItWroteLeavesTheOldModel() throws IOException {
    ModelFolder.write(target, model("old", "config.json", "model.safetensors"));
    Files.writeString(Files.createDirectory(target.resolve(".saving")).resolve("config.json"), "");
    ModelFolder.recover(target);
    assertContents(target, "old", "SHA256SUMS", "config.json", "model.safetensors");
  }

  @Test
  void mixtureOfTwoModelsIsNeverOne() throws IOException {
    ModelFolder.write(target, model("old", "config.json", "model.safetensors"));
    Path inTheWay = Files.createDirectory(target.resolve("tokenizer.json")).resolve("a/b");
    Files.createDirectories(inTheWay);
    ModelFolder.write(target, model("new", "config.json", "model.safetensors", "tokenizer.json"));
    assertContents(
        target, "new", "SHA256SUMS", "config.json", "model.safetensors", "tokenizer.json");
  }

  @Test
  void linkStaysALinkAndWhatItPointsToIsFilled() throws IOException {
    Path real = Files.createDirectory(parent.resolve("real"));
    Files.createSymbolicLink(target, Path.of("real"));
    ModelFolder.write(target, weights("new"));
    ModelFolder.write(target, weights("newer"));
    assertTrue(Files.isSymbolicLink(target));
    assertEquals("newer", Files.readString(real.resolve("model.safetensors")));
    assertEquals(List.of("model", "real"), names(parent));
  }

  @Test
  void linkToNothingIsFollowed() throws IOException {
    Files.createSymbolicLink(target, Path.of("to/be/made"));
    ModelFolder.write(target, weights("new"));
    assertTrue(Files.isSymbolicLink(target));
    assertEquals("new", Files.readString(parent.resolve("to/be/made/model.safetensors")));
  }

  @Test
  void namesMayBeAsLongAsNamesCanBe() throws IOException {
    Path longest = parent.resolve("n".repeat(255));
    ModelFolder.write(longest, weights("new"));
    ModelFolder.write(longest, weights("newer"));
    assertEquals("newer", Files.readString(longest.resolve("model.safetensors")));
    assertEquals(1, names(parent).size());
  }

  @Test
  void modesFollowTheUmaskAndNotTheFileThatIsCopied() throws IOException {
    Path blob = Files.writeString(parent.resolve("blob"), "pieces");
    Path plain = Files.writeString(parent.resolve("plain"), "by the umask");
    Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("r--r--r--"));
    Path base = Files.createDirectory(parent.resolve("base"));
    Files.createSymbolicLink(base.resolve("tokenizer.model"), blob);
    ModelFolder.write(target, folder -> ModelFolder.copyTokenizer(base, folder));
    Path copy = target.resolve("tokenizer.model");
    assertFalse(Files.isSymbolicLink(copy));
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(copy));
  }

  @Test
  void damageIsFoundByTheChecksums() throws IOException {
    ModelFolder.write(target, model("whole", "config.json", "model.safetensors"));
    Files.writeString(target.resolve("model.safetensors"), "whale");
    assertEquals(1, ModelFolder.faults(target).size());
    assertTrue(ModelFolder.faults(target).get(0).contains("model.safetensors is damaged"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
  void pipesAndDevicesInPlaceOfFilesAreNamedAtOnce(String name) throws Exception {
    Files.createDirectory(target);
    Process mkfifo = new ProcessBuilder("mkfifo", target.resolve(name).toString()).start();
    assumeTrue(mkfifo.waitFor() == 0, "skipped: no mkfifo here");
    IOException pipe =
        assertThrows(IOException.class, () -> ModelFolder.demandRegularFiles(target));
    assertTrue(pipe.getMessage().endsWith(name + " is a named pipe, expected a file"));
    Files.delete(target.resolve(name));
    Files.createSymbolicLink(target.resolve(name), Path.of("/dev/zero"));
    IOException device =
        assertThrows(IOException.class, () -> ModelFolder.demandRegularFiles(target));
    assertTrue(device.getMessage().endsWith(name + " is a device, expected a file"));
  }

  /** Neither can a mount point be renamed, nor anything be renamed onto it. */
  @Test
  void mountPointIsFilled() throws Exception {
    Path mounted = parent.resolve("mounted");
    try (SmallDisk disk = SmallDisk.mount(mounted, "16m")) {
      assertTrue(Files.isSameFile(mounted, disk.folder()));
      ModelFolder.write(mounted, model("first", "config.json", "model.safetensors"));
      ModelFolder.write(mounted, model("second", "config.json", "model.safetensors"));
      assertContents(mounted, "second", "SHA256SUMS", "config.json", "model.safetensors");
    }
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
        List.of(
            "SHA256SUMS", "config.json", "model.fake", "tokenizer.model", "tokenizer_config.json"),
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
    assertFalse(Files.exists(target.resolve(".saved")));
  }

  @Test
  void linkedModelStaysWhenTheFirstIsWrittenAgain() throws IOException {
    Path stage = target.resolve("stages/1-a");
    ModelFolder.write(stage, weights("first"));
    Files.writeString(target.resolve("metrics.jsonl"), "log");
    ModelFolder.link(stage, target);
    assertEquals(
        List.of("SHA256SUMS", "metrics.jsonl", "model.safetensors", "stages"), names(target));
    assertTrue(
        Files.isSameFile(stage.resolve("model.safetensors"), target.resolve("model.safetensors")));
    ModelFolder.write(stage, weights("second"));
    assertEquals("first", Files.readString(target.resolve("model.safetensors")));
  }
}
