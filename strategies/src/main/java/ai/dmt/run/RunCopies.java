package ai.dmt.run;

import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where else the files of a run go, once they are whole in its folder. The rank that writes asks.
 */
interface RunCopies extends AutoCloseable {
  /** Of a run whose output is a folder, and of ranks that write nothing. */
  RunCopies NONE =
      new RunCopies() {
        @Override
        public boolean isFinished() {
          return false;
        }

        @Override
        public void fetchNewest(Consumer<String> log) {}

        @Override
        public void begin() {}

        @Override
        public void clear(boolean resumes) {}

        @Override
        public void catchUp() {}

        @Override
        public void keepCheckpoint(Path checkpoint) {}

        @Override
        public void keepStage(Path stage) {}

        @Override
        public void keepModel() {}

        @Override
        public List<String> notes() {
          return List.of();
        }

        @Override
        public void finish() {}

        @Override
        public void close() {}
      };

  /** Whether there is the model of a run that is finished. */
  boolean isFinished() throws IOException;

  /**
   * Fetches the newest whole checkpoint, unless the run's folder has one that is as new.
   *
   * @param log receives what is skipped and taken
   * @throws CheckpointException if there are checkpoints, and none of them is whole
   * @throws IOException if they cannot be read, or the disk not written
   */
  void fetchNewest(Consumer<String> log) throws IOException;

  /**
   * The run begins or goes on: what another one copies from now on is refused by its own process,
   * and this is the first thing that is written.
   *
   * @throws ai.dmt.config.ConfigException if nothing can be written there
   */
  void begin();

  /**
   * Deletes what an older run has left there.
   *
   * @param resumes whether the run was to go on from a checkpoint, and found none in its folder
   * @throws CheckpointException if it was, and there are some
   */
  void clear(boolean resumes) throws IOException;

  /** Copies what is whole in the run's folder and lacks there. */
  void catchUp() throws IOException;

  /** A checkpoint is whole on the disk. */
  void keepCheckpoint(Path checkpoint);

  /** The model after a stage is whole on the disk. */
  void keepStage(Path stage);

  /** The run's model is whole on the disk, and all that the run says of itself beside it. */
  void keepModel();

  /** What was found since this was asked last, for people. */
  List<String> notes();

  /**
   * Waits until all is copied.
   *
   * @throws IOException if something is not, after it was tried again
   */
  void finish() throws IOException;

  @Override
  void close();
}
