package ai.dmt.cli;

import ai.dmt.internal.storage.StoragePlace;
import ai.dmt.internal.storage.StoredModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/** Where a model is, as a command was told: a folder, or a place in an object storage. */
final class ModelWords {
  /** Of an option that takes both. */
  static final String PLACES =
      "Hugging Face folder, or s3://BUCKET/PREFIX of one, which is fetched.";

  private ModelWords() {}

  /**
   * The folder; of a place, the one that it is fetched to, in DMT_CACHE.
   *
   * @param err told what is fetched
   */
  static Path folder(Path named, PrintWriter err) throws IOException {
    Optional<StoragePlace> place = StoragePlace.find(named.toString());
    return place.isEmpty()
        ? named
        : StoredModel.fetch(
            place.get(),
            CacheOptions.folder().resolve("models"),
            line -> {
              err.println("dmt: " + line);
              err.flush();
            });
  }
}
