package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.model.ModelInfo;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StageProgress;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a run leaves in its output when all of its steps are done, so that one that shall go on
 * there finds that nothing is left to do: a scheduler may start a job again that has ended.
 */
final class FinishedRun {
  /** Its name in the output folder. */
  static final String NAME = "finished.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path output;
  private final Path file;
  private final RunIdentity identity;

  /**
   * That of a run. Nothing of it needs the engine, which may need a GPU.
   *
   * @param settings what makes it the same run, but for the model
   * @param model that the run starts from
   */
  FinishedRun(Path output, RunIdentity settings, ModelInfo model) {
    this.output = output;
    this.file = output.resolve(NAME);
    this.identity = settings.plus(RunIdentity.of("model", model).without("model.folder"::equals));
  }

  /** Whether a run that is asked for so would look here before it does anything. */
  static boolean isThere(Path output, RunStart start) {
    try {
      return start.isAuto()
          && Files.exists(output.resolve(NAME))
          && OutputFolder.holdsModel(output);
    } catch (IOException e) {
      throw new UncheckedIOException(output + " cannot be looked at: " + e.getMessage(), e);
    }
  }

  /**
   * Where the run ended; empty if the output has none that did, its model is gone, or the run shall
   * not go on.
   *
   * @throws ConfigException if it has another run's model, or the file is damaged
   */
  Optional<Progress> read(RunStart start) throws IOException {
    return isThere(output, start)
        ? Optional.of(parse(Files.readAllBytes(file), output.toString(), file.toString()))
        : Optional.empty();
  }

  /** The same for one in an object storage. @param file what it holds; empty if there is none */
  Optional<Progress> parse(Optional<byte[]> file, RunOutput place) throws IOException {
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(parse(file.get(), place.toString(), place + "/" + NAME));
  }

  private Progress parse(byte[] json, String place, String where) throws IOException {
    JsonNode run;
    RunIdentity other;
    try {
      run = JSON.readTree(json);
      other = RunIdentity.parse(run.path("identity").asText());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new ConfigException(
          where + " is damaged; delete it, and the run begins or goes on from a checkpoint", e);
    }
    List<String> differences = identity.differences(other, "that run had %s");
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "%s holds the model of another run, which is finished: %s; name another folder"
              .formatted(place, String.join("; ", differences)));
    }
    long steps = run.path("steps").asLong();
    return new Progress(
        steps,
        steps,
        0,
        0,
        run.path("tokens").asLong(),
        run.path("label_tokens").asLong(),
        Duration.ZERO,
        Duration.ZERO,
        0,
        StageProgress.NONE,
        Duration.ZERO);
  }

  /** Says that all steps are done; the same bytes for the same run. The model is there already. */
  void write(Progress end) throws IOException {
    ObjectNode run = JSON.createObjectNode();
    run.put("steps", end.step());
    run.put("tokens", end.tokens());
    run.put("label_tokens", end.labelTokens());
    run.put("identity", identity.toText());
    WholeFile.replace(file, run.toPrettyString() + "\n");
  }

  /** What is made from here on is another model. */
  void forget() throws IOException {
    Files.deleteIfExists(file);
  }
}
