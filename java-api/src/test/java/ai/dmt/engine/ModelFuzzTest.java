package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken models are refused or opened by the engine; none ends the JVM or takes long. */
@Tag("native")
class ModelFuzzTest {
  private static final ModelConfig SHAPE = ModelConfig.llama(8, 8, 8, 1, 2, 1, 16);

  /** What both files of a model share: the other one is in order. */
  abstract static class ModelReader implements FuzzedReader {
    @Override
    public List<byte[]> samples() throws IOException {
      Path folder = Files.createTempDirectory("model");
      try {
        prepare(folder);
        return List.of(Files.readAllBytes(folder.resolve(fileName())));
      } finally {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }

    @Override
    public void prepare(Path folder) {
      try (NativeEngine engine = NativeEngine.create(SHAPE, 1, EngineConfig.inference())) {
        engine.save(folder, DType.FLOAT32);
      }
    }

    @Override
    public void read(Path file) {
      NativeEngine.open(file.getParent(), EngineConfig.inference()).close();
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(EngineException.class);
    }
  }

  /** model.safetensors. */
  public static final class WeightsReader extends ModelReader {
    @Override
    public String fileName() {
      return "model.safetensors";
    }
  }

  /** config.json. */
  public static final class ConfigReader extends ModelReader {
    @Override
    public String fileName() {
      return "config.json";
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {WeightsReader.class, ConfigReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    int count = FuzzRun.count(200);
    FuzzRun.Outcome outcome = FuzzRun.of(reader, Long.getLong(FuzzRun.SEED, 1), count, work);
    assertEquals(List.of(), outcome.harm());
    assertEquals(count, outcome.read() + outcome.refused());
    assertTrue(outcome.read() > 0, outcome::toString);
    assertTrue(outcome.refused() > count / 10, outcome::toString);
  }
}
