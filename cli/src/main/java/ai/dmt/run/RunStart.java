package ai.dmt.run;

import java.nio.file.Path;

/**
 * What a run does with what lies in its output folder.
 *
 * @param overwrites whether a model or checkpoints that are there may be replaced
 * @param resume "" to begin, "auto" to go on from the newest whole checkpoint in the output if
 *     there is one, or a checkpoint's folder
 */
public record RunStart(boolean overwrites, String resume) {
  /** The word for the newest checkpoint. */
  public static final String AUTO = "auto";

  /** A run that begins. @param overwrites see {@link #overwrites()} */
  public static RunStart fresh(boolean overwrites) {
    return new RunStart(overwrites, "");
  }

  /** Whether the run may go on from a checkpoint. */
  boolean resumes() {
    return !resume.isEmpty();
  }

  /** The checkpoint's folder; not with "" and "auto". */
  Path checkpoint() {
    return Path.of(resume);
  }
}
