package ai.dmt.train.checkpoint;

import ai.dmt.engine.EngineException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint could not be written, such as to a full disk. All ranks of a run throw it at the
 * same step, and the engine is whole: its weights can be saved.
 */
public final class UnwrittenCheckpointException extends EngineException {
  private static final long serialVersionUID = 1;

  UnwrittenCheckpointException(long step, Path root, String reason, @Nullable Throwable cause) {
    super(
        "the checkpoint of step %s cannot be written to %s, older ones are as they were: %s"
            .formatted(step, root, reason),
        cause);
  }
}
