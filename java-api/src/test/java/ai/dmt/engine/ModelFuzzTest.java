package ai.dmt.engine;

import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken models are refused or opened by the engine; none ends the JVM or takes long. */
@Tag("native")
class ModelFuzzTest {
  /** A file of a model. */
  abstract static class ModelReader extends FolderReader {
    ModelReader(String fileName) {
      super(fileName, List.of(EngineException.class));
    }

    @Override
    public void prepare(Path folder) {
      writeModel(folder);
    }
  }

  /** model.safetensors. */
  public static final class WeightsReader extends ModelReader {
    public WeightsReader() {
      super("model.safetensors");
    }
  }

  /** config.json. */
  public static final class ConfigReader extends ModelReader {
    public ConfigReader() {
      super("config.json");
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {WeightsReader.class, ConfigReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    FuzzRun.demandNoHarm(reader, 200, work);
  }
}
