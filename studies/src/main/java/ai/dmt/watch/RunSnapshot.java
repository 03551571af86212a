package ai.dmt.watch;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonText;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.run.RunFolder;
import ai.dmt.run.ScheduleRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a run's folder says beside its metrics, at one moment.
 *
 * @param phase where the run is
 * @param reason why it failed, or why the folder cannot be read; empty if neither
 * @param process that works on it; empty if none is known on this machine
 * @param ledger what was asked for and planned; missing before the run begins
 * @param plan memory that was planned and held; missing before the engine is there
 * @param recipe null before the run begins
 */
record RunSnapshot(
    Phase phase,
    String reason,
    OptionalLong process,
    JsonNode ledger,
    JsonNode plan,
    @Nullable Recipe recipe) {

  /** Where a run is. */
  enum Phase {
    /** There is nothing yet. */
    NOT_BEGUN,
    /** A process works on it. */
    RUNNING,
    /** It has its lock, but nothing has come of it for long. */
    STALE,
    /** It has ended before its last step, without a failure. */
    STOPPED,
    /** It has ended by a failure. */
    FAILED,
    /** All steps are done. */
    FINISHED,
    /** The folder cannot be read. */
    GONE
  }

  /**
   * Looks at a folder.
   *
   * @param folder of a run
   * @param begun whether there are metrics
   * @param silent whether nothing has been written for longer than is usual
   */
  static RunSnapshot of(Path folder, boolean begun, boolean silent) {
    try {
      return read(folder, begun, silent);
    } catch (IOException | ConfigException e) {
      return new RunSnapshot(
          Phase.GONE, Disk.reason(e), OptionalLong.empty(), none(), none(), null);
    }
  }

  /** The same of a folder that cannot be read any more. */
  RunSnapshot gone(IOException e) {
    return new RunSnapshot(Phase.GONE, Disk.reason(e), OptionalLong.empty(), ledger, plan, recipe);
  }

  private static JsonNode none() {
    return MissingNode.getInstance();
  }

  /** That of a stage of a study, which has neither a recipe nor a lock of its own beside it. */
  static RunSnapshot ofStage(Path folder, Phase phase, String reason, OptionalLong process) {
    try {
      JsonNode ledger = json(folder.resolve(ScheduleRun.LEDGER_FILE));
      return new RunSnapshot(phase, reason, process, ledger, none(), null);
    } catch (IOException e) {
      return new RunSnapshot(Phase.GONE, Disk.reason(e), process, none(), none(), null);
    }
  }

  private static RunSnapshot read(Path folder, boolean begun, boolean silent) throws IOException {
    Path lock = RunFolder.lockFile(folder);
    OptionalLong process = Claim.process(lock);
    Optional<String> failure = RunFolder.failure(folder);
    boolean locked = Files.exists(lock);
    Phase phase;
    if (process.isPresent() || locked && !silent) {
      phase = silent && begun ? Phase.STALE : Phase.RUNNING;
    } else if (RunFolder.isFinished(folder)) {
      phase = Phase.FINISHED;
    } else if (failure.isPresent()) {
      phase = Phase.FAILED;
    } else {
      phase = locked ? Phase.STALE : begun ? Phase.STOPPED : Phase.NOT_BEGUN;
    }
    Path recipe = folder.resolve(ScheduleRun.RECIPE_FILE);
    return new RunSnapshot(
        phase,
        failure.orElse(""),
        process,
        json(folder.resolve(ScheduleRun.LEDGER_FILE)),
        json(RunFolder.planFile(folder)),
        Files.exists(recipe) ? RecipeReader.read(recipe, List.of()) : null);
  }

  /** A file that is being written is read the next time. */
  private static JsonNode json(Path file) throws IOException {
    try {
      return Files.exists(file) ? JsonText.read(file) : none();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      return none();
    }
  }
}
