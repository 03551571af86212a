package ai.dmt;

import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** A random model with a real tokenizer of 512 tokens. */
public final class TinyModel {
  /** Longest sequence in tokens. */
  public static final int POSITIONS = 512;

  private TinyModel() {}

  /** Writes a model folder; without the shared tokenizer the test is skipped. */
  public static Path write(Path folder) throws IOException {
    Path tokenizer = SharedFiles.require("data/weights/stories260K-hf/tokenizer.model");
    ModelConfig shape = ModelConfig.llama(512, 32, 64, 2, 4, 2, POSITIONS);
    try (NativeEngine engine = NativeEngine.create(shape, 7, EngineConfig.inference())) {
      engine.save(folder, DType.FLOAT32);
    }
    Files.copy(tokenizer, folder.resolve("tokenizer.model"));
    return folder;
  }

  /** Copies a folder so that its files can be changed. */
  public static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
          if (!target.toFile().setWritable(true)) {
            throw new IOException(target + " cannot be made writable");
          }
        }
      }
    }
    return to;
  }
}
