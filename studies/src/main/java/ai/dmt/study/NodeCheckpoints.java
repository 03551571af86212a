package ai.dmt.study;

import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.Disk;
import ai.dmt.recipe.Recipe;
import ai.dmt.run.MetricsFile;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StateKeeper;
import ai.dmt.train.checkpoint.CheckpointConfig;
import ai.dmt.train.checkpoint.CheckpointFolder;
import ai.dmt.train.checkpoint.CheckpointWriter;
import ai.dmt.train.checkpoint.Resumption;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The checkpoint of a stage that is being trained, every {@code save_steps} and where it is
 * stopped. It is kept beside the node, whose own folder appears when all is done, and has a copy of
 * the metrics so far. The node's key is all of its identity: everything that its model depends on
 * is in it.
 */
final class NodeCheckpoints {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CheckpointFolder checkpoints;
  private final CheckpointConfig config;
  private final RunIdentity identity;
  private final Path metrics;
  private final Path lock;
  private double lastLoss;

  /**
   * @param target where the node's files are written
   */
  NodeCheckpoints(Recipe recipe, StudyFolder folder, String node, Path target) {
    CheckpointConfig asked = recipe.training().checkpoints();
    this.checkpoints = new CheckpointFolder(folder.checkpoints(node));
    this.config = new CheckpointConfig(asked.saveSteps(), 1, asked.async());
    this.identity = new RunIdentity(Map.of("node", node));
    this.metrics = target.resolve(MetricsFile.NAME);
    this.lock = folder.lock(node);
  }

  /** Goes on from the newest whole checkpoint, or begins. @return where the stage is */
  Progress start(NativeEngine engine) throws IOException {
    Progress from =
        new Resumption(engine, identity, line -> {})
            .fromNewest(checkpoints)
            .orElse(Progress.start(0));
    if (from.step() > 0) {
      Path kept = checkpoints.of(from.step()).resolve(MetricsFile.NAME);
      Disk.copy(kept, metrics);
      List<String> lines = Files.readAllLines(kept);
      JsonNode last = JSON.readTree(lines.get(lines.size() - 1));
      lastLoss = last.path("loss").asDouble();
    }
    return from;
  }

  /** Loss of the last step before the checkpoint that {@link #start} took; 0 if it began. */
  double lastLoss() {
    return lastLoss;
  }

  /** The stage's metrics, behind those of the steps that are done. */
  MetricsFile metrics(Progress from) throws IOException {
    return MetricsFile.after(
        metrics,
        from.step(),
        failure -> {
          throw failure;
        });
  }

  /** Writes checkpoints while the stage is trained. */
  StateKeeper keeper(NativeEngine engine, Progress from) {
    return new CheckpointWriter(
        engine,
        checkpoints,
        config,
        new CheckpointWriter.RunFacts(
            identity,
            Map.of("libtorch", NativeRuntime.torchVersion()),
            saving -> {
              Disk.copy(metrics, saving.resolve(MetricsFile.NAME));
              Claim.demandHeld(lock);
            }),
        from);
  }

  /** The node is there: its checkpoint has no use any more. */
  static void discard(StudyFolder folder, String node) {
    try {
      Disk.delete(folder.checkpoints(node));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be deleted: %s".formatted(folder.checkpoints(node), Disk.reason(e)), e);
    }
  }
}
