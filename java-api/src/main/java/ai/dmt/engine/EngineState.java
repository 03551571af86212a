package ai.dmt.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * One rank's part of all that a run needs to go on: float32 weights, optimizer moments, count of
 * steps. Must be closed, also by another thread: that waits for a call in flight.
 *
 * <p>A {@link StateMemory#COPIED} state may be written by any thread, also beside the engine's
 * calls and after the engine's end. Writing a {@link StateMemory#SHARED} one is a call of the
 * engine, and throws {@link IllegalStateException} beside another, after the engine's end, and when
 * the weights have changed.
 */
public interface EngineState extends AutoCloseable {
  /** {@return the size of this rank's file in bytes} */
  long bytes();

  /**
   * Writes this rank's file to a folder that exists, and flushes it to the disk. It appears whole
   * or not at all.
   *
   * @param folder that exists; the ranks of a run write to the same one
   * @return the file's name: this rank's of {@link #fileNames}
   * @throws EngineException if it cannot be written; it names the file and the reason
   */
  String write(Path folder);

  @Override
  void close();

  /**
   * {@return the names of the files that the ranks of a run write, in their order}
   *
   * @param worldSize ranks of the run, from 1
   */
  static List<String> fileNames(int worldSize) {
    return IntStream.range(0, worldSize)
        .mapToObj(
            rank -> String.format(Locale.ROOT, "rank-%05d-of-%05d.safetensors", rank, worldSize))
        .toList();
  }
}
