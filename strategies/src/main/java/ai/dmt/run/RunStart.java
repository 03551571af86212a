package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run does with what lies in its output folder.
 *
 * @param overwrites whether a model or checkpoints that are there may be replaced
 * @param resume "" to begin, "auto" to go on from the newest whole checkpoint in the output if
 *     there is one, or a checkpoint's folder
 */
public record RunStart(boolean overwrites, String resume) {
  /** Begins, and writes to a folder that holds no model and no checkpoints. */
  public static final RunStart FRESH = new RunStart(false, "");

  /** The word for the newest checkpoint. */
  public static final String AUTO = "auto";

  /** Whether the run may go on from a checkpoint. */
  boolean resumes() {
    return !resume.isEmpty();
  }

  /** Whether it goes on from the newest checkpoint, if there is one. */
  boolean isAuto() {
    return resume.equals(AUTO);
  }

  /** How the run begins, without the place of a checkpoint. */
  String word() {
    return !resumes() ? "no" : resume.equals(AUTO) ? AUTO : checkpoint().getFileName().toString();
  }

  /** The checkpoint's folder; not with "" and "auto". */
  Path checkpoint() {
    return Path.of(resume);
  }

  /**
   * Checks that a checkpoint that is named is one; its manifest is read, its states are not.
   *
   * @throws ConfigException if it is none
   * @throws ai.dmt.train.checkpoint.CheckpointException if it is damaged
   */
  void check() throws IOException {
    if (!resumes() || resume.equals(AUTO)) {
      return;
    }
    List<Path> found =
        Files.isDirectory(checkpoint()) ? CheckpointFolder.find(checkpoint()) : List.of();
    if (!found.equals(List.of(checkpoint()))) {
      throw new ConfigException(
          "--resume %s is no checkpoint; expected %s, or a folder such as %s"
              .formatted(
                  resume,
                  AUTO,
                  found.isEmpty() ? "OUTPUT/checkpoints/step-00000500" : found.get(0)));
    }
    Checkpoint.open(checkpoint());
  }
}
