package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import ai.dmt.internal.files.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken adapters are refused or opened by the engine; none ends the JVM or takes long. */
@Tag("native")
class AdapterFuzzTest {
  private static final ModelConfig SHAPE = ModelConfig.llama(8, 8, 8, 1, 2, 1, 16);
  private static final AdapterConfig ADAPTER =
      AdapterConfig.lora(2, 4, List.of(AdapterTarget.values()));

  /** What both files of an adapter share: the other one is in order. */
  abstract static class AdapterReader implements FuzzedReader {
    @Override
    public List<byte[]> samples() throws IOException {
      Path folder = Files.createTempDirectory("adapter");
      try {
        prepare(folder);
        return List.of(Files.readAllBytes(folder.resolve(fileName())));
      } finally {
        Disk.delete(folder);
      }
    }

    @Override
    public void prepare(Path folder) throws IOException {
      Path base = folder.resolve("base");
      try (NativeEngine engine = NativeEngine.create(SHAPE, 1, EngineConfig.inference())) {
        engine.save(base, DType.FLOAT32);
      }
      try (NativeEngine engine =
          NativeEngine.open(base, EngineConfig.defaults().withAdapter(ADAPTER))) {
        engine.writeModel(folder, DType.FLOAT32);
      }
      AdapterFolder.write(folder, ADAPTER, "base", "none");
      Files.delete(folder.resolve("dmt_adapter.json")); // as PEFT's own folders
    }

    @Override
    public void read(Path file) {
      NativeEngine.open(file.getParent(), EngineConfig.inference()).close();
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(EngineException.class, ConfigException.class);
    }
  }

  /** adapter_model.safetensors. */
  public static final class WeightsReader extends AdapterReader {
    @Override
    public String fileName() {
      return AdapterFolder.WEIGHTS;
    }
  }

  /** adapter_config.json. */
  public static final class ConfigReader extends AdapterReader {
    @Override
    public String fileName() {
      return AdapterFolder.CONFIG;
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
