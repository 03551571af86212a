package ai.dmt.train.checkpoint;

import ai.dmt.internal.text.JsonFaults;
import ai.dmt.train.ControlState;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StageProgress;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint says of itself, in {@code manifest.json}. Which samples come next follows from
 * the step and the decisions alone, and so does all that is random: both are functions of the run's
 * seeds.
 *
 * @param progress where the run was
 * @param stateFiles names of the ranks' states, in the order of ranks
 * @param identity of the run
 * @param versions of what wrote it, such as "libtorch"
 * @param control what the run has decided about its mixtures, and decides from
 */
record CheckpointManifest(
    Progress progress,
    List<String> stateFiles,
    RunIdentity identity,
    Map<String, String> versions,
    ControlState control) {
  /** Its name. */
  static final String NAME = "manifest.json";

  private static final int FORMAT = 1;
  private static final String CONTROL = "control";
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  String toJson() {
    ObjectNode root = JSON.createObjectNode().put("format", FORMAT);
    root.put("step", progress.step()).put("total_steps", progress.totalSteps());
    root.putObject("stage")
        .put("number", progress.stage().stage())
        .put("name", progress.stage().name())
        .put("step", progress.stage().step())
        .put("steps", progress.stage().steps())
        .put("epoch", progress.stage().epoch());
    root.put("learning_rate", progress.learningRate());
    root.put("tokens", progress.tokens()).put("label_tokens", progress.labelTokens());
    root.put("train_seconds", progress.elapsed().toNanos() * 1e-9);
    stateFiles.forEach(root.putArray("states")::add);
    identity.values().forEach(root.putObject("run")::put);
    versions.forEach(root.putObject("versions")::put);
    if (!control.equals(ControlState.NONE)) {
      root.set(CONTROL, JSON.valueToTree(control));
    }
    return root.toPrettyString() + "\n";
  }

  /** Reads one. @param origin its path, for messages */
  static CheckpointManifest parse(String text, String origin) {
    try {
      JsonNode root = JSON.readTree(text);
      int format = (int) number(root, "format", origin);
      if (format != FORMAT) {
        throw new CheckpointException(
            "%s: format is %s, this program reads %s".formatted(origin, format, FORMAT));
      }
      List<String> files = new ArrayList<>();
      root.path("states").forEach(file -> files.add(file.asText()));
      return new CheckpointManifest(
          progress(root, origin),
          files,
          new RunIdentity(texts(root, "run")),
          texts(root, "versions"),
          root.has(CONTROL)
              ? JSON.treeToValue(root.get(CONTROL), ControlState.class)
              : ControlState.NONE);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(origin + ": " + JsonFaults.sentence(e), e);
    }
  }

  private static Progress progress(JsonNode root, String origin) {
    JsonNode stage = root.path("stage");
    StageProgress place =
        new StageProgress(
            (int) number(stage, "number", origin),
            stage.path("name").asText(),
            (long) number(stage, "step", origin),
            (long) number(stage, "steps", origin),
            number(stage, "epoch", origin));
    return new Progress(
        (long) number(root, "step", origin),
        (long) number(root, "total_steps", origin),
        place.epoch(),
        number(root, "learning_rate", origin),
        (long) number(root, "tokens", origin),
        (long) number(root, "label_tokens", origin),
        Duration.ZERO,
        Duration.ofNanos(Math.round(number(root, "train_seconds", origin) * 1e9)),
        0,
        place,
        Duration.ZERO);
  }

  private static double number(JsonNode node, String key, String origin) {
    JsonNode value = node.path(key);
    if (!value.isNumber()) {
      throw new CheckpointException(
          "%s: \"%s\" is %s, expected a number".formatted(origin, key, value));
    }
    return value.asDouble();
  }

  private static Map<String, String> texts(JsonNode root, String key) {
    Map<String, String> texts = new LinkedHashMap<>();
    root.path(key)
        .properties()
        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }
}
