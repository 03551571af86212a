package ai.dmt.train.checkpoint;

import ai.dmt.engine.TrainingEngine;
import ai.dmt.internal.text.Printable;
import ai.dmt.train.MixtureController;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the checkpoint that a run goes on from, and gives its state to the engine. All ranks do it
 * together: rank 0 says which checkpoint comes next, and each checks a part of its files.
 */
public final class Resumption {
  private final TrainingEngine engine;
  private final RunIdentity run;
  private final Consumer<String> log;
  private final Predicate<Progress> ofEngine;
  private @Nullable MixtureController controller; // null: decisions are not gone on with

  /**
   * Makes one.
   *
   * @param engine that goes on; must not have begun a step
   * @param run that goes on
   * @param log receives a line for each checkpoint that is skipped, and for the one that is taken
   */
  public Resumption(TrainingEngine engine, RunIdentity run, Consumer<String> log) {
    this(engine, run, log, progress -> true);
  }

  /**
   * The same where stages have engines of their own.
   *
   * @param engine through which the ranks agree; stays the caller's
   * @param run must be that of the checkpoint
   * @param log receives what is skipped and taken
   * @param ofEngine whether a place in the run is one of the engine's; elsewhere the engine is left
   *     as it is, for another one to go on
   */
  public Resumption(
      TrainingEngine engine, RunIdentity run, Consumer<String> log, Predicate<Progress> ofEngine) {
    this.engine = engine;
    this.run = run;
    this.log = log;
    this.ofEngine = ofEngine;
  }

  /**
   * Has a controller go on, too: it gets the state of the checkpoint that is taken.
   *
   * @param mixtures of the run that goes on
   */
  public void controlWith(MixtureController mixtures) {
    controller = mixtures;
  }

  /**
   * Goes on from the newest checkpoint that is whole.
   *
   * @param folder of the run's checkpoints; that of rank 0 counts
   * @return where it was; empty if there is none
   * @throws CheckpointException if the newest whole one is that of another run
   * @throws IOException on rank 0, if the folder is there and cannot be listed
   */
  public Optional<Progress> fromNewest(CheckpointFolder folder) throws IOException {
    List<Long> steps = engine.rank() == 0 ? folder.steps() : List.of();
    for (int i = 0; ; i++) {
      double[] step = {i < steps.size() ? steps.get(i) : 0};
      engine.sumOverRanks(step);
      if (step[0] == 0) {
        return Optional.empty();
      }
      Path candidate = folder.of((long) step[0]);
      try {
        return Optional.of(goOn(verified(candidate)));
      } catch (DamagedException e) {
        log.accept(e.getMessage() + "; it is skipped");
      }
    }
  }

  /**
   * Goes on from a checkpoint.
   *
   * @param checkpoint its folder, as every rank sees it
   * @return where it was
   * @throws CheckpointException if it is not whole, or that of another run
   */
  public Progress from(Path checkpoint) {
    try {
      return goOn(verified(checkpoint));
    } catch (DamagedException e) {
      throw new CheckpointException(Printable.reason(e));
    }
  }

  private Progress goOn(Checkpoint checkpoint) {
    List<String> differences = checkpoint.differences(run);
    if (!differences.isEmpty()) {
      throw new CheckpointException(
          "%s is of another run:\n  %s"
              .formatted(checkpoint.folder(), String.join("\n  ", differences)));
    }
    Progress progress = checkpoint.progress();
    if (ofEngine.test(progress)) {
      engine.restore(checkpoint.folder());
    }
    if (controller != null) {
      controller.restore(checkpoint.control());
    }
    log.accept(
        "going on after step %s of %s, from %s"
            .formatted(progress.step(), progress.totalSteps(), checkpoint.folder()));
    return progress;
  }

  /** A checkpoint whose files are as they were written; every rank reads some of them. */
  private Checkpoint verified(Path folder) throws DamagedException {
    Checkpoint checkpoint = null;
    String fault = null;
    double[] faults = new double[engine.worldSize()]; // 1 + a file's number, or -1 for all of it
    try {
      checkpoint = Checkpoint.open(folder);
      for (int file = engine.rank();
          file < checkpoint.files().size() && fault == null;
          file += engine.worldSize()) {
        fault = checkpoint.fault(file);
        faults[engine.rank()] = fault == null ? 0 : file + 1;
      }
    } catch (CheckpointException e) {
      fault = e.getMessage();
      faults[engine.rank()] = -1;
    }
    engine.sumOverRanks(faults);
    for (int rank = 0; rank < faults.length; rank++) {
      int file = (int) faults[rank];
      if (file != 0) {
        Path where = checkpoint == null || file < 0 ? folder : checkpoint.file(file - 1);
        String others = "rank %s finds %s damaged".formatted(rank, where);
        throw new DamagedException(fault == null ? others : fault);
      }
    }
    return Objects.requireNonNull(checkpoint); // or this rank's fault has been thrown
  }

  /** Goes on with the next checkpoint or not, as the caller decides. */
  private static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }
}
