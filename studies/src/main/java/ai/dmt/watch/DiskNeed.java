package ai.dmt.watch;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.engine.DType;
import ai.dmt.internal.files.Disk;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.Recipe;
import ai.dmt.run.ScheduleRun;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Room on the disk that a run still needs: checkpoints up to its limit, and models of stages. */
final class DiskNeed {
  /** A state has weights and two moments in float32. */
  private static final long STATE_BYTES = 12;

  private final Supplier<Path> place;
  private final Map<String, Long> parameters = new HashMap<>(); // by base model; -1: not readable

  DiskNeed(Supplier<Path> place) {
    this.place = place;
  }

  /**
   * Bytes that the run still writes at most; -1 if its base model cannot be looked at.
   *
   * @param stages of the run
   * @param last step; null before the first
   */
  long of(Recipe recipe, int stages, @Nullable MetricLine last) throws IOException {
    long weights = parameters.computeIfAbsent(recipe.model(), DiskNeed::parameters);
    return weights < 0 ? -1 : checkpoints(recipe, last, weights) + models(recipe, stages, weights);
  }

  private static long parameters(String model) {
    try {
      return ModelInfo.read(Path.of(model)).parameters();
    } catch (ConfigException | DataException | InvalidPathException e) {
      return -1;
    }
  }

  private long checkpoints(Recipe recipe, @Nullable MetricLine last, long weights)
      throws IOException {
    long every = recipe.training().saveSteps();
    if (every == 0) {
      return 0;
    }
    CheckpointFolder checkpoints = CheckpointFolder.of(place.get());
    List<Long> there = checkpoints.steps();
    long one =
        there.isEmpty()
            ? STATE_BYTES * weights
            : Disk.occupied(List.of(checkpoints.of(there.get(0))));
    // An old one is deleted when the new one is whole.
    long room = Math.max(1, recipe.training().saveTotalLimit() + 1 - there.size());
    long toCome = last == null ? room : last.totalSteps() / every - last.step() / every;
    return one * Math.min(room, toCome);
  }

  /** The last stage's model is the run's, by another name. */
  private long models(Recipe recipe, int stages, long weights) throws IOException {
    Path saved = place.get().resolve(ScheduleRun.STAGES_FOLDER);
    long there = 0;
    if (Files.isDirectory(saved)) {
      try (Stream<Path> folders = Files.list(saved)) {
        there = folders.filter(each -> !each.getFileName().toString().startsWith(".")).count();
      }
    }
    DType asked = recipe.engine().saveDtype();
    DType dtype = asked == null ? recipe.engine().dtype() : asked;
    return Math.max(0, stages - there) * weights * (dtype == DType.FLOAT32 ? 4 : 2);
  }
}
