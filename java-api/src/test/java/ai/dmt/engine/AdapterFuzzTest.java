package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
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
  private static final AdapterConfig ADAPTER =
      AdapterConfig.lora(2, 4, List.of(AdapterTarget.values()));

  /** A file of an adapter. */
  abstract static class AdapterReader extends FolderReader {
    AdapterReader(String fileName) {
      super(fileName, List.of(EngineException.class, ConfigException.class));
    }

    @Override
    public void prepare(Path folder) throws IOException {
      Path base = folder.resolve("base");
      writeModel(base);
      try (NativeEngine engine =
          NativeEngine.open(base, EngineConfig.defaults().withAdapter(ADAPTER))) {
        engine.writeModel(folder, DType.FLOAT32);
      }
      AdapterFolder.write(folder, ADAPTER, "base", "none");
      Files.delete(folder.resolve("dmt_adapter.json")); // as PEFT's own folders
    }
  }

  /** adapter_model.safetensors. */
  public static final class WeightsReader extends AdapterReader {
    public WeightsReader() {
      super(AdapterFolder.WEIGHTS);
    }
  }

  /** adapter_config.json. */
  public static final class ConfigReader extends AdapterReader {
    public ConfigReader() {
      super(AdapterFolder.CONFIG);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {WeightsReader.class, ConfigReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    FuzzRun.demandNoHarm(reader, 200, work);
  }
}
