package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.data.Source;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.train.MixtureController;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StateKeeper;
import ai.dmt.train.checkpoint.CheckpointConfig;
import ai.dmt.train.checkpoint.CheckpointFolder;
import ai.dmt.train.checkpoint.CheckpointWriter;
import ai.dmt.train.checkpoint.Resumption;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The checkpoints of a run in its output folder. */
final class RunCheckpoints {
  /**
   * Settings that change neither which samples come when nor what a step computes, but for
   * rounding.
   */
  private static final Pattern FREE =
      Pattern.compile(
          "((name|description|model|output_dir|not_stated.*|sources\\.[^.]+\\.files.*)"
              + "|((engine|training)\\.)?(save_dtype|recompute|threads|device|device_index"
              + "|gradient_dtype|loss_chunk_tokens|sharding|reduce_dtype|gradient_reduction|reduce_collective"
              + "|max_tokens_per_micro_batch|eval_steps|logging_steps|report_to|max_time|save_steps|save_total_limit|async_save))");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final NativeEngine engine;
  private final CheckpointFolder folder;
  private final CheckpointConfig config;
  private final CheckpointWriter.RunFacts facts;
  private final MixtureController controller;

  /**
   * Those of a run.
   *
   * @param settings see {@link #settings}
   * @param controller of the run's mixtures, whose state they hold
   * @param extras see {@link CheckpointWriter.RunFacts#extras()}
   */
  RunCheckpoints(
      NativeEngine engine,
      Path output,
      CheckpointConfig config,
      RunIdentity settings,
      MixtureController controller,
      ModelFolder.Contents extras) {
    this.engine = engine;
    this.folder = CheckpointFolder.of(output);
    this.config = config;
    this.controller = controller;
    this.facts =
        new CheckpointWriter.RunFacts(
            identity(engine, settings), Map.of("libtorch", NativeRuntime.torchVersion()), extras);
  }

  /**
   * Begins or goes on, as asked.
   *
   * @param log receives what is skipped and taken
   * @param ofEngine whether a place in the run is one of the engine's; elsewhere nothing is
   *     restored
   * @return where the run is; at step 0 if it begins
   */
  Progress start(RunStart start, Consumer<String> log, Predicate<Progress> ofEngine)
      throws IOException {
    Resumption resumption = new Resumption(engine, facts.identity(), log, ofEngine);
    resumption.controlWith(controller);
    if (start.resumes()) {
      return start.resume().equals(RunStart.AUTO)
          ? resumption.fromNewest(folder).orElse(Progress.start(0))
          : resumption.from(start.checkpoint());
    }
    if (engine.rank() == 0) {
      folder.clear(); // an older run's
    }
    return Progress.start(0);
  }

  /**
   * What makes a run the same, but for the model's shape.
   *
   * @param settings of the run, by name
   * @param sources what is trained on
   */
  static RunIdentity settings(JsonNode settings, List<Source> sources) {
    boolean controlled = settings.has("control"); // then evaluations decide
    return RunIdentity.of(settings)
        .without(
            name ->
                FREE.matcher(name).matches() && !(controlled && name.equals("training.eval_steps")))
        .plus(RunIdentity.ofSources("tokens_of", sources));
  }

  /** Who writes them. @param from where the run is @param whole told of each, on rank 0 */
  StateKeeper keeper(Progress from, Consumer<Path> whole) {
    CheckpointWriter writer = new CheckpointWriter(engine, folder, config, facts, from);
    writer.onWhole(whole);
    writer.controlWith(controller);
    return writer;
  }

  private static RunIdentity identity(NativeEngine engine, RunIdentity settings) {
    ObjectNode own = JSON.createObjectNode();
    own.set("shape", JSON.valueToTree(engine.model()));
    return settings.plus(RunIdentity.of(own));
  }
}
