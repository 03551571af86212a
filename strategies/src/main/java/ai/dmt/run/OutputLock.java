package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a second run, of whatever machine, from writing to the same output folder: a {@link Claim}
 * on a file in the folder, which is there for as long.
 */
final class OutputLock implements AutoCloseable {
  /** Its name in the output folder. */
  static final String NAME = ".dmt.lock";

  private final Path file;
  private final Claim claim;

  private OutputLock(Path file, Claim claim) throws IOException {
    this.file = file;
    this.claim = claim;
    FileOutput.write(file, new byte[0]);
  }

  /**
   * Makes the folder, if it is not there, and takes the lock. Waits until it is decided whether a
   * process of another machine that holds it still lives.
   *
   * @throws ConfigException if another run holds it, or the lock file cannot be made
   */
  static OutputLock acquire(Path output) {
    try {
      Path file = OutputPlace.make(output).resolve(NAME);
      Claim claim =
          Claim.acquireUnlessHeld(file)
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "--output %s: another run is writing to it (it holds %s); wait or name another folder"
                              .formatted(output, file)));
      try {
        return new OutputLock(file, claim);
      } catch (IOException e) {
        claim.close();
        throw e;
      }
    } catch (IOException e) {
      throw new ConfigException(
          "--output %s cannot be locked: %s".formatted(output, Disk.reason(e)), e);
    }
  }

  /** Comes before a checkpoint is made visible. @throws IOException if another run took over */
  static void demandHeld(Path output) throws IOException {
    Claim.demandHeld(OutputPlace.resolve(output).resolve(NAME));
  }

  @Override
  public void close() throws IOException {
    if (!claim.isLost()) {
      Files.deleteIfExists(file);
    }
    claim.close();
  }
}
