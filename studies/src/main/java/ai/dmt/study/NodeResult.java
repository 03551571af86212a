package ai.dmt.study;

import ai.dmt.internal.files.FileOutput;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node came to: {@code node.json} in its folder. The same whenever and wherever on one kind
 * of machine it is trained.
 *
 * @param name of the stage
 * @param node its key
 * @param samples of an epoch by source
 * @param steps optimizer steps
 * @param tokens of all steps
 * @param labelTokens of all steps
 * @param finalLoss training loss of the last step in nats; null for the base model
 * @param heldOut loss after the stage by source in nats; sources without held-out samples are left
 *     out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeResult(
    String name,
    String node,
    Map<String, Long> samples,
    long steps,
    long tokens,
    long labelTokens,
    @Nullable Double finalLoss,
    Map<String, Double> heldOut) {
  private static final String FILE = "node.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  void write(Path folder) throws IOException {
    FileOutput.write(folder.resolve(FILE), JSON.writeValueAsString(this) + "\n");
  }

  static NodeResult read(Path folder) throws IOException {
    return JSON.readValue(Files.readString(folder.resolve(FILE)), NodeResult.class);
  }
}
