package ai.dmt.engine;

import ai.dmt.fuzz.FuzzedReader;
import ai.dmt.internal.files.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One file of a folder that the engine opens; the others are in order. */
abstract class FolderReader implements FuzzedReader {
  static final ModelConfig SHAPE = ModelConfig.llama(8, 8, 8, 1, 2, 1, 16);

  private final String fileName;
  private final List<Class<? extends Exception>> refusals;

  FolderReader(String fileName, List<Class<? extends Exception>> refusals) {
    this.fileName = fileName;
    this.refusals = refusals;
  }

  /** Writes the whole folder. */
  @Override
  public abstract void prepare(Path folder) throws IOException;

  @Override
  public List<byte[]> samples() throws IOException {
    Path folder = Files.createTempDirectory("fuzz");
    try {
      prepare(folder);
      return List.of(Files.readAllBytes(folder.resolve(fileName)));
    } finally {
      Disk.delete(folder);
    }
  }

  @Override
  public String fileName() {
    return fileName;
  }

  @Override
  public void read(Path file) {
    NativeEngine.open(file.getParent(), EngineConfig.inference()).close();
  }

  @Override
  public List<Class<? extends Exception>> refusals() {
    return refusals;
  }

  static void writeModel(Path folder) {
    try (NativeEngine engine = NativeEngine.create(SHAPE, 1, EngineConfig.inference())) {
      engine.save(folder, DType.FLOAT32);
    }
  }
}
