package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Units;
import ai.dmt.train.checkpoint.CheckpointConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a run writes to its output at most at a time: a model for each stage, and the checkpoints
 * that are kept with the one that is being written, before the oldest goes.
 *
 * @param place the output, with its file system
 * @param models how many are saved; the run's own is the last stage's
 * @param modelBytes of each
 * @param mergedBytes of all models that adapters are merged into between stages
 * @param checkpoints how many lie there at a time
 * @param checkpointBytes of each
 * @param free bytes of the file system
 * @param occupied bytes that the run has there already, or deletes first
 */
public record DiskDemand(
    String place,
    int models,
    long modelBytes,
    long mergedBytes,
    long checkpoints,
    long checkpointBytes,
    long free,
    long occupied) {
  /** The demand of a run, with sizes that are known or were measured. */
  static DiskDemand of(PreparedSchedule prepared, long modelBytes, long checkpointBytes)
      throws IOException {
    Path output = prepared.output();
    return new DiskDemand(
        place(output),
        prepared.batches().stages().size(),
        modelBytes,
        prepared.mergedBytes(),
        checkpoints(prepared.batches().totalSteps(), prepared.recipe().training().checkpoints())
            + ControlCheck.kept(prepared.recipe()),
        checkpointBytes,
        OutputFolder.free(output),
        OutputFolder.occupied(output, prepared.start()));
  }

  /** A run that is stopped writes one, however few there are otherwise. */
  static long checkpoints(long steps, CheckpointConfig config) {
    long written = config.saveSteps() == 0 ? 0 : steps / config.saveSteps();
    return Math.max(1, Math.min(written, config.saveTotalLimit() + 1L));
  }

  /** {@return bytes of all models and checkpoints, with logs and the like} */
  public long needed() {
    return models * modelBytes
        + mergedBytes
        + checkpoints * checkpointBytes
        + OutputFolder.OTHER_FILES_BYTES;
  }

  /** {@return what is there and what is needed, for people} */
  public String text() {
    return "%s has %s free%s, the run needs %s: %s of %s, %s%s of %s"
        .formatted(
            place,
            Units.bytes(free),
            occupied == 0 ? "" : ", the run itself has " + Units.bytes(occupied),
            Units.bytes(needed()),
            counted(models, "model"),
            Units.bytes(modelBytes),
            mergedBytes == 0 ? "" : "merged models of %s, ".formatted(Units.bytes(mergedBytes)),
            counted(checkpoints, "checkpoint"),
            Units.bytes(checkpointBytes));
  }

  /**
   * Demands that there is room.
   *
   * @throws ConfigException if there is not, with the bytes and what would help
   */
  void check() {
    if (needed() > free + occupied) {
      throw new ConfigException(
          "%s (%s bytes needed, %s free); %s".formatted(text(), needed(), free, advice()));
    }
  }

  /** The first change that is enough. */
  private String advice() {
    String other = "free some, or name another output_dir";
    if (fits(models, modelBytes, 2) && checkpoints > 2) {
      return "training.save_total_limit=1 would do: one is kept while the next is written; or "
          + other;
    }
    if (fits(models, modelBytes, 1) && checkpoints > 1) {
      return "training.save_steps=0 would do, which writes a checkpoint at a stop alone; or "
          + other;
    }
    return other;
  }

  private boolean fits(int howManyModels, long ofModel, long howManyCheckpoints) {
    return new DiskDemand(
                place,
                howManyModels,
                ofModel,
                mergedBytes,
                howManyCheckpoints,
                checkpointBytes,
                free,
                occupied)
            .needed()
        <= free + occupied;
  }

  private static String counted(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static String place(Path output) {
    try {
      FileStore store = Files.getFileStore(OutputPlace.existing(output));
      return "%s on %s (%s)".formatted(output, store.name(), store.type());
    } catch (IOException | RuntimeException e) {
      return output.toString(); // the table of mounts may be hidden
    }
  }
}
