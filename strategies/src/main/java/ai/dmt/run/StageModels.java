package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.NativeEngine;
import ai.dmt.train.Stage;
import ai.dmt.train.StageSettings.NextAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of a run begin with. Stages that train one adapter on, or all weights, share an
 * engine; a stage that begins a fresh adapter has a new one, on the base or on a model that the
 * adapter before was merged into.
 */
final class StageModels {
  /** Of models that adapters were merged into, in the output. */
  static final String FOLDER = "merged";

  private final PreparedSchedule prepared;
  private final List<Stage> stages;

  StageModels(PreparedSchedule prepared) {
    this.prepared = prepared;
    this.stages = prepared.batches().schedule().stages();
  }

  /** The first of the stages that share an engine with this one. */
  int first(int stage) {
    int first = stage;
    while (first > 0 && nextOf(first - 1) == NextAdapter.CONTINUE) {
      first--;
    }
    return first;
  }

  /** The last of the stages that share an engine with this one. */
  int last(int stage) {
    int last = stage;
    while (last + 1 < stages.size() && nextOf(last) == NextAdapter.CONTINUE) {
      last++;
    }
    return last;
  }

  /** How many models adapters are merged into. */
  int merged() {
    int merged = 0;
    for (int s = 0; s + 1 < stages.size(); s++) {
      merged += nextOf(s) == NextAdapter.MERGE ? 1 : 0;
    }
    return merged;
  }

  private NextAdapter nextOf(int stage) {
    return prepared.recipe().adapter() == null
        ? NextAdapter.CONTINUE
        : stages.get(stage).settings().nextAdapter();
  }

  /** The folder that a stage's engine is opened from. @param first see {@link #first} */
  private Path folder(int first) {
    if (first == 0) {
      return prepared.model().folder();
    }
    return nextOf(first - 1) == NextAdapter.MERGE
        ? mergedFolder(first - 1)
        : AdapterFolder.modelOf(folder(first(first - 1)));
  }

  private Path mergedFolder(int stage) {
    Path name =
        ScheduleRun.stageFolder(prepared.output(), stage, stages.get(stage).name()).getFileName();
    return prepared.output().resolve(FOLDER).resolve(name);
  }

  /** The engine of stages. @param first see {@link #first} */
  NativeEngine open(int first, EngineConfig config) {
    EngineConfig own =
        config
            .adapter()
            .map(adapter -> config.withAdapter(adapter.withSeed(adapter.seed() + first)))
            .orElse(config);
    return NativeEngine.open(folder(first), own);
  }

  /**
   * Makes what the next stage begins with, once the stage before is in its folder. All ranks call
   * it; rank 0 writes.
   *
   * @param engine of the stage before, through which the ranks agree
   * @param stage the last of the engine's
   * @param beside writes what belongs to a model beside its weights
   * @throws EngineException on all ranks, if it cannot be written
   */
  void handOver(NativeEngine engine, int stage, ModelFolder.Contents beside) {
    if (nextOf(stage) != NextAdapter.MERGE) {
      return;
    }
    @Nullable EngineException failure = null;
    if (engine.rank() == 0) {
      try {
        Path trained = ScheduleRun.stageFolder(prepared.output(), stage, stages.get(stage).name());
        NativeEngine.merge(
            AdapterFolder.read(trained), mergedFolder(stage), prepared.saveDType(), beside);
      } catch (EngineException e) {
        failure = e;
      }
    }
    double[] failures = {failure == null ? 0 : 1};
    engine.sumOverRanks(failures);
    if (failure != null) {
      throw failure;
    }
    if (failures[0] > 0) {
      throw new EngineException("rank 0 cannot merge the adapter of stage %s".formatted(stage + 1));
    }
  }

  /** Deletes what an older run merged. */
  static void clear(Path output) throws IOException {
    if (Files.isDirectory(output.resolve(FOLDER))) {
      OutputFolder.clearStages(output.resolve(FOLDER));
    }
  }
}
