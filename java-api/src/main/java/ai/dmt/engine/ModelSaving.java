package ai.dmt.engine;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Saves a model, and tells all ranks alike how it went. What a run has computed for hours is not
 * lost because its place fails at last: the model is then saved elsewhere.
 */
public final class ModelSaving {
  private final TrainingEngine engine;
  private final DType dtype;
  private final ModelFolder.Contents beside;

  /**
   * Prepares to save. All ranks make the same calls.
   *
   * @param engine whose weights are saved; stays the caller's
   * @param dtype of the weights in the file
   * @param beside writes what belongs to the model beside its weights, such as its tokenizer
   */
  public ModelSaving(TrainingEngine engine, DType dtype, ModelFolder.Contents beside) {
    this.engine = engine;
    this.dtype = dtype;
    this.beside = beside;
  }

  /**
   * Saves to a folder, or as a last resort to a new folder in the first of others that takes it.
   *
   * @param directory to make, or to replace what is there; that of rank 0 counts
   * @param elsewhere folders to try in turn; those of rank 0 count
   * @throws EngineException on all ranks, if the folder itself cannot be written: it says where the
   *     model is instead, or that it is nowhere
   */
  public void save(Path directory, List<Path> elsewhere) {
    Exception failure = attempt(directory);
    if (allRanksAgree(failure)) {
      return;
    }
    int others = (int) sum(engine.rank() == 0 ? elsewhere.size() : 0);
    for (int i = 0; i < others; i++) {
      Path parent = engine.rank() == 0 ? elsewhere.get(i) : directory;
      Path rescued = folderIn(parent);
      Exception again = attempt(rescued);
      if (allRanksAgree(again)) {
        throw new EngineException(
            "the model cannot be saved to %s: %s; it is whole in %s"
                .formatted(directory, reason(failure), engine.rank() == 0 ? rescued : "rank 0's"),
            failure);
      }
      remove(rescued);
    }
    throw new EngineException(
        "the model cannot be saved to %s%s, what was there before is as it was: %s"
            .formatted(
                directory,
                others == 0 ? "" : ", nor in any of %s".formatted(elsewhere),
                reason(failure)),
        failure);
  }

  /**
   * Saves what a run has learnt until it failed. All ranks call it. Where the model cannot be saved
   * either, the message says so.
   *
   * @param failure that ended the run
   * @param directory to make, or to replace what is there; that of rank 0 counts
   * @param elsewhere folders to try in turn if that fails; those of rank 0 count
   * @return the failure with the place of the model, to throw
   */
  public EngineException saveAfter(EngineException failure, Path directory, List<Path> elsewhere) {
    String outcome;
    try {
      save(directory, elsewhere);
      outcome = "the model as it was when the run ended is whole in " + directory;
    } catch (EngineException e) {
      failure.addSuppressed(e);
      outcome = e.getMessage();
    }
    return new EngineException(failure.getMessage() + "; " + outcome, failure);
  }

  private static String reason(@Nullable Exception failure) {
    return failure == null ? "rank 0 says why" : Disk.reason(failure);
  }

  /** Writes. @return what went wrong on this rank; null if nothing did */
  private @Nullable Exception attempt(@Nullable Path directory) {
    boolean[] begun = {engine.rank() != 0};
    try {
      if (directory == null) { // on rank 0, see folderIn
        throw new IOException("no folder can be made");
      } else if (engine.rank() != 0) {
        engine.writeModel(directory, dtype); // sends its slices
      } else {
        ModelFolder.write(
            directory,
            folder -> {
              begun[0] = true;
              engine.writeModel(folder, dtype);
              beside.writeTo(folder);
            });
      }
      return null;
    } catch (IOException | UncheckedIOException | EngineException e) {
      if (!begun[0] && engine.worldSize() > 1) {
        giveUp();
      }
      return e;
    }
  }

  /**
   * The others wait to send their slices: they are taken, and there is no folder to write them to.
   */
  private void giveUp() {
    try {
      engine.writeModel(Path.of(""), dtype);
    } catch (EngineException e) {
      return; // as it must
    }
    throw new IllegalStateException("weights were written to no folder");
  }

  /**
   * A folder of this run's own, in a folder that anybody may write to; null if none can be made.
   */
  private @Nullable Path folderIn(Path parent) {
    if (engine.rank() != 0) {
      return parent;
    }
    try {
      return Files.createTempDirectory(OutputPlace.make(parent), "rescued-model-");
    } catch (IOException e) {
      return null;
    }
  }

  private void remove(@Nullable Path rescued) {
    if (engine.rank() == 0 && rescued != null) {
      try {
        Disk.delete(rescued);
      } catch (IOException e) {
        return; // nothing whole is in it
      }
    }
  }

  /** Whether it went well on all ranks. */
  private boolean allRanksAgree(@Nullable Exception failure) {
    return sum(failure == null ? 0 : 1) == 0;
  }

  private double sum(double value) {
    double[] values = {value};
    engine.sumOverRanks(values);
    return values[0];
  }
}
