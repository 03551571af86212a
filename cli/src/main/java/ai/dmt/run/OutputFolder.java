package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder that a run writes to, checked before anything is loaded. */
final class OutputFolder {
  /** Tokenizer, config files and metrics, roughly. */
  private static final long OTHER_FILES_BYTES = 8L << 20;

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
            ("--output %s holds checkpoints of a run; --resume auto goes on from them, --overwrite"
                    + " deletes them")
                .formatted(output));
      }
      check(output, !fresh, modelBytes);
    } catch (IOException e) {
      throw new ConfigException("--output " + output + " cannot be checked: " + e, e);
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
      if (Files.exists(output) && !Files.isDirectory(output)) {
        throw new ConfigException("--output " + output + " is a file, expected a folder");
      }
      Path folder = output.toAbsolutePath().normalize();
      if (folder.getParent() == null || Path.of("").toAbsolutePath().startsWith(folder)) {
        throw new ConfigException(
            "--output %s is the current folder or holds it, and is swapped for a new one when the"
                    .formatted(output)
                + " model is saved; name a folder of its own");
      }
      if (!overwrites && holdsModel(output)) {
        throw new ConfigException(
            "--output %s already holds a model; name another folder, or give --overwrite"
                .formatted(output));
      }
      Path existing = existingAncestor(output);
      if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
        throw new ConfigException(
            "--output %s cannot be made: %s is no folder that can be written"
                .formatted(output, existing));
      }
      long free = Files.getFileStore(existing).getUsableSpace();
      long needed = modelBytes + OTHER_FILES_BYTES;
      if (free < needed) {
        throw new ConfigException(
            "--output %s: the disk has %s free, the model needs %s beside an older one"
                .formatted(output, Units.bytes(free), Units.bytes(needed)));
      }
    } catch (IOException e) {
      throw new ConfigException("--output " + output + " cannot be checked: " + e, e);
    }
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
        ModelFolder.delete(folder);
      }
    }
  }

  private static boolean isStage(Path folder) {
    return folder.getFileName().toString().matches("\\d+-.+")
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean holdsModel(Path output) throws IOException {
    if (!Files.isDirectory(output)) {
      return false;
    }
    try (Stream<Path> files = Files.list(output)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.equals("config.json") || name.endsWith(".safetensors"));
    }
  }

  private static Path existingAncestor(Path output) {
    Path folder = output.toAbsolutePath().normalize();
    while (!Files.exists(folder)) {
      folder = folder.getParent(); // "/" exists
    }
    return folder;
  }
}
