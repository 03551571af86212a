package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Units;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The folder that a run writes to, checked before anything is loaded. */
final class OutputFolder {
  /** Tokenizer, config files and metrics, roughly. */
  static final long OTHER_FILES_BYTES = 8L << 20;

  /** A state has three numbers for each weight, in float32 mostly. */
  private static final int CHECKPOINT_BY_MODEL = 3;

  /** Files that a run writes in place. */
  private static final List<String> RUN_FILES =
      List.of(
          OutputLock.NAME,
          MetricsFile.NAME,
          ReplayFile.NAME,
          ScheduleRun.RECIPE_FILE,
          ScheduleRun.LEDGER_FILE);

  private OutputFolder() {}

  /**
   * Checks that a run can write here, and that a checkpoint that it goes on from is one.
   *
   * @param modelBytes see {@link #check}
   * @throws ConfigException if not
   */
  static void checkForRun(Path output, RunStart start, long modelBytes) {
    try {
      start.check();
      boolean fresh = !start.overwrites() && !start.resumes();
      if (fresh && !CheckpointFolder.of(output).steps().isEmpty()) {
        throw new ConfigException(
            ("--output %s holds checkpoints of a run; --resume auto (FineTuning.resuming()) goes on from"
                    + " them, --overwrite (overwriting()) deletes them")
                .formatted(output));
      }
      demandFolder(output, !fresh);
      for (String own :
          List.of(
              CheckpointFolder.NAME,
              ScheduleRun.STAGES_FOLDER,
              StageModels.FOLDER,
              TensorBoardLog.FOLDER)) {
        if (Files.exists(output.resolve(own))) {
          OutputPlace.demandWritable("--output", output.resolve(own), List.of());
        }
      }
      demandSpace(output, modelBytes, occupied(output, start));
    } catch (IOException e) {
      throw new ConfigException(
          "--output %s cannot be checked: %s".formatted(output, Disk.reason(e)), e);
    }
  }

  /**
   * Checks that a model can be written.
   *
   * @param overwrites whether a model that is there may be replaced
   * @param modelBytes of the weights; an old model stays until the new one is complete
   * @throws ConfigException if not
   */
  static void check(Path output, boolean overwrites, long modelBytes) {
    try {
      demandFolder(output, overwrites);
      demandSpace(output, modelBytes, 0);
    } catch (IOException e) {
      throw new ConfigException(
          "--output %s cannot be checked: %s".formatted(output, Disk.reason(e)), e);
    }
  }

  private static void demandFolder(Path output, boolean overwrites) throws IOException {
    if (OutputPlace.resolve(output).getFileName() == null) {
      throw new ConfigException(
          "--output %s is the root of all folders; name a folder of its own".formatted(output));
    }
    if (!overwrites && holdsModel(output)) {
      throw new ConfigException(
          ("--output %s already holds a model; name another folder, or overwrite it (--overwrite,"
                  + " FineTuning.overwriting())")
              .formatted(output));
    }
    OutputPlace.demandWritable("--output", output, RUN_FILES);
  }

  private static void demandSpace(Path output, long modelBytes, long occupied) throws IOException {
    long free = free(output);
    long needed = modelBytes + OTHER_FILES_BYTES;
    if (free + occupied < needed) {
      throw new ConfigException(
          "--output %s: the disk has %s free%s, the model needs %s beside an older one"
              .formatted(
                  output,
                  Units.bytes(free),
                  occupied == 0 ? "" : ", the run itself has " + Units.bytes(occupied),
                  Units.bytes(needed)));
    }
  }

  /** Not by the table of mounts, which may be hidden. */
  static long free(Path output) throws IOException {
    return OutputPlace.existing(output).toFile().getUsableSpace();
  }

  /**
   * What the run has there already: a run that goes on needs no more than one that begins, and one
   * that begins anew deletes checkpoints and stages first.
   */
  static long occupied(Path output, RunStart start) throws IOException {
    if (!start.overwrites() && !start.resumes()) {
      return 0;
    }
    List<Path> own = new ArrayList<>();
    own.add(output.resolve(CheckpointFolder.NAME));
    own.add(output.resolve(ScheduleRun.STAGES_FOLDER));
    own.add(output.resolve(StageModels.FOLDER));
    if (start.resumes()) {
      own.addAll(ModelFolder.files(output));
    }
    return Disk.occupied(own);
  }

  /**
   * A run that goes on leaves the model that it was stopped with where it is, unless the disk is
   * too small for that beside one more checkpoint and the model to come: its state is in the
   * checkpoint that the run goes on from.
   *
   * @param model that the run starts from, which stays
   * @return whether the model was deleted
   */
  static boolean makeRoom(Path output, Path model, long modelBytes) throws IOException {
    long needed = (1 + CHECKPOINT_BY_MODEL) * modelBytes + OTHER_FILES_BYTES;
    List<Path> old = ModelFolder.files(output);
    boolean startsFromIt = Files.exists(model) && Files.isSameFile(model, output);
    if (free(output) >= needed || old.isEmpty() || startsFromIt) {
      return false;
    }
    for (Path file : old) {
      Disk.delete(file);
    }
    return true;
  }

  /** Deletes a folder that is empty, and those above it up to one that was there before. */
  static void removeEmpty(Path output, Path existing) throws IOException {
    Path folder = OutputPlace.resolve(output);
    Path keep = OutputPlace.resolve(existing);
    try {
      while (folder != null && !folder.equals(keep) && folder.startsWith(keep)) {
        Files.delete(folder);
        folder = folder.getParent();
      }
    } catch (DirectoryNotEmptyException e) {
      return; // somebody's files
    }
  }

  /** Folders to save a model to if its own fails at last. */
  static List<Path> elsewhere(Path output) {
    return List.of(
        output.resolve(CheckpointFolder.NAME),
        output.toAbsolutePath().resolve("..").normalize(),
        Path.of(System.getProperty("java.io.tmpdir")),
        Path.of(System.getProperty("user.home")),
        Path.of("").toAbsolutePath());
  }

  /**
   * Deletes the models that an older run left after its stages, which would pass for this run's.
   *
   * @throws IOException if one cannot be deleted
   */
  static void clearStages(Path stages) throws IOException {
    if (!Files.isDirectory(stages)) {
      return;
    }
    try (Stream<Path> folders = Files.list(stages)) {
      for (Path folder : folders.filter(OutputFolder::isStage).toList()) {
        Disk.delete(folder);
      }
    }
  }

  private static boolean isStage(Path folder) {
    return folder.getFileName().toString().matches("\\d+-.+")
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  static boolean holdsModel(Path output) throws IOException {
    if (!Files.isDirectory(output)) {
      return false;
    }
    try (Stream<Path> files = Files.list(output)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.equals("config.json") || name.endsWith(".safetensors"));
    }
  }
}
