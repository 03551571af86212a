package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.storage.StoragePlace;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a run writes: a folder; or an object storage, {@code s3://BUCKET/PREFIX}, by way of a
 * folder that the run works in. Checkpoints and models that are whole in the folder are uploaded
 * while training goes on.
 */
public final class RunOutput {
  private final Path folder;
  private final @Nullable StoragePlace storage; // null: the folder is all

  private RunOutput(Path folder, @Nullable StoragePlace storage) {
    this.folder = folder;
    this.storage = storage;
  }

  /**
   * {@return a folder to write to}
   *
   * @param folder made if it is not there
   */
  public static RunOutput of(Path folder) {
    return of(folder.toString(), null);
  }

  /**
   * {@return what a recipe's output_dir names}
   *
   * @param output a folder, or s3://BUCKET/PREFIX
   * @param work folder that a run to an object storage works in, which all of its ranks see; null
   *     if there is none
   * @throws ConfigException if it names no place, or one that needs a folder to work in
   */
  public static RunOutput of(String output, @Nullable Path work) {
    StoragePlace storage = StoragePlace.find(output).orElse(null);
    if (storage == null) {
      return new RunOutput(Path.of(output), null);
    }
    if (work == null) {
      throw new ConfigException(
          "a run to %s needs a folder to work in; name one (FineTuning.workingIn)"
              .formatted(storage));
    }
    return new RunOutput(work, storage);
  }

  /**
   * {@return the folder that a run to an object storage works in, if no other is named}
   *
   * @param output a folder, or s3://BUCKET/PREFIX
   * @param cache folder to make one of its own in
   */
  public static Path workFolder(String output, Path cache) {
    return StoragePlace.find(output)
        .map(place -> cache.resolve("runs").resolve(place.bucket()).resolve(place.prefix()))
        .orElse(Path.of(output));
  }

  /**
   * {@return how a recipe has it: a path keeps one slash alone of s3://}
   *
   * @param output a folder, or a place in an object storage as a path
   */
  public static String text(Path output) {
    return StoragePlace.text(output);
  }

  /** {@return the folder that is written to, whatever becomes of its files} */
  public Path folder() {
    return folder;
  }

  Optional<StoragePlace> storage() {
    return Optional.ofNullable(storage);
  }

  /** As a user knows it. */
  @Override
  public String toString() {
    return storage == null ? folder.toString() : storage.toString();
  }
}
