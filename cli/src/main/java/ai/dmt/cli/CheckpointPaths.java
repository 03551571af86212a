package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Folders of checkpoints that a user names. */
final class CheckpointPaths {
  private CheckpointPaths() {}

  /**
   * The checkpoints that a path means: itself, those in it, or those of a run's output; the newest
   * first.
   *
   * @throws ConfigException if there are none
   */
  static List<Path> in(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new ConfigException(path + ": no such folder");
    }
    List<Path> found = CheckpointFolder.find(path);
    if (!found.isEmpty()) {
      return found;
    }
    throw new ConfigException(
        "%s holds no checkpoints; expected a run's output, its folder %s, or one in it"
            .formatted(path, CheckpointFolder.NAME));
  }
}
