package ai.dmt.plan;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.CpuModel;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.Sha256;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Speeds that were measured on this machine, a file for each processor, widths of a model, type,
 * adapter and number of ranks, so that later plans need not measure again.
 */
public final class SpeedFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, true);

  private static final int NAME_CHARACTERS = 16;

  private final Path file;

  /**
   * Names the file of a machine and a model; nothing is read.
   *
   * @param folder of all such files
   * @param machine such as "h100-80gb" or "cpu"
   * @param model whose widths count
   * @param config its settings and ranks
   */
  public SpeedFile(Path folder, String machine, ModelConfig model, EngineConfig config) {
    String key =
        String.join(
                "/",
                machine,
                CpuModel.name(),
                Integer.toString(Runtime.getRuntime().availableProcessors()),
                Integer.toString(config.threads()),
                config.computeDType().text(),
                Integer.toString(config.ranks().worldSize()),
                Integer.toString(model.vocabSize()),
                Integer.toString(model.hiddenSize()),
                Integer.toString(model.intermediateSize()),
                Integer.toString(model.heads()),
                Integer.toString(model.kvHeads()))
            + adapter(config);
    String name = Sha256.of(key.getBytes(StandardCharsets.UTF_8)).substring(0, NAME_CHARACTERS);
    file = folder.resolve("speed-" + name + ".json");
  }

  /**
   * Narrow products are slower than others, and quantised weights are made whole before products.
   */
  private static String adapter(EngineConfig config) {
    return config
        .adapter()
        .map(each -> "/" + each.sizes() + each.dropout() + config.baseWeights().text())
        .orElse("");
  }

  /** {@return where it is} */
  public Path path() {
    return file;
  }

  /**
   * {@return what was measured before, if it was}
   *
   * @throws ConfigException if the file is damaged
   */
  public Optional<Speed> read() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(file.toFile(), Speed.class));
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "%s is no measured speed: %s; delete it, or measure again with --calibrate"
              .formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + Disk.reason(e), e);
    }
  }

  /**
   * Writes what was measured.
   *
   * @param speed of each rank
   * @throws IOException if it cannot be written
   */
  public void write(Speed speed) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileOutput.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(speed));
  }
}
