package ai.dmt.internal.storage;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.Sha256;
import ai.dmt.internal.storage.ObjectStorage.Listed;
import ai.dmt.internal.storage.ObjectStorage.Patience;
import ai.dmt.internal.storage.StoredFiles.StoredFile;
import ai.dmt.internal.text.Units;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A model in an object storage, which is fetched once and kept: those that runs have uploaded, and
 * those that any tool has copied there.
 *
 * <p>It is kept in {@code HASH/NAME} of a folder of models: the hash is of its place, and of sizes
 * and tags of all its files, so that another model at the same place is another folder, and what is
 * in use stays. Several processes fetch it once.
 */
public final class StoredModel {
  /** Beside the model's folder: where it is from. */
  private static final String ORIGIN = "place.txt";

  private static final String CONFIG = "config.json";

  private static final int HASH_DIGITS = 16;

  private final StoragePlace place;
  private final Map<String, Listed> files;
  private final Optional<StoredFiles> list; // what a run has uploaded

  private StoredModel(StoragePlace place, Map<String, Listed> files, Optional<StoredFiles> list) {
    this.place = place;
    this.files = files;
    this.list = list;
  }

  /**
   * {@return the folder of a model, which is fetched unless it is there}
   *
   * @param place of the model
   * @param models folder of all models that are kept
   * @param log told before and after something is fetched
   * @throws ConfigException if there is no model, or the client's classes are missing
   * @throws IOException if it cannot be fetched, or is damaged
   */
  public static Path fetch(StoragePlace place, Path models, Consumer<String> log)
      throws IOException {
    place.demandClient();
    StoredModel model;
    try (ObjectStorage storage = ObjectStorage.open(place, Patience.SHORT)) {
      model = find(storage);
    }
    Path kept = models.resolve(model.hash());
    String prefix = place.prefix();
    Path folder = kept.resolve(prefix.substring(prefix.lastIndexOf('/') + 1));
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(kept);
      try (Claim claim = Claim.acquire(folder)) {
        if (!Files.isDirectory(folder)) { // nobody else has fetched it meanwhile
          model.fetch(folder, claim, log);
        }
      }
    }
    return folder;
  }

  /**
   * {@return the place that a folder was fetched from; empty if it was not}
   *
   * @param folder of a model
   * @throws IOException if the note of it cannot be read
   */
  public static Optional<String> origin(Path folder) throws IOException {
    Path note = folder.toAbsolutePath().normalize().resolveSibling(ORIGIN);
    return Files.isRegularFile(note)
        ? Optional.of(Files.readString(note).strip())
        : Optional.empty();
  }

  private static StoredModel find(ObjectStorage storage) throws IOException {
    Map<String, Listed> there = storage.listed("");
    Map<String, Listed> files = new TreeMap<>(there);
    files.keySet().removeIf(name -> !isOfModel(name));
    if (!files.containsKey(CONFIG) && !files.containsKey(AdapterFolder.CONFIG)) {
      throw new ConfigException(
          "%s holds no model: there is neither %s nor %s, %s"
              .formatted(
                  storage.place(),
                  CONFIG,
                  AdapterFolder.CONFIG,
                  there.isEmpty()
                      ? "and no other object"
                      : "of %s objects such as %s"
                          .formatted(there.size(), there.keySet().iterator().next())));
    }
    Optional<StoredFiles> list = Optional.empty();
    if (there.containsKey(StoredFiles.NAME)) {
      byte[] json = storage.read(StoredFiles.NAME).orElse(new byte[0]);
      list = Optional.of(StoredFiles.parse(json, storage.place() + "/" + StoredFiles.NAME));
      files.keySet().retainAll(list.get().files().keySet());
      demandSizes(storage.place(), files, list.get());
    }
    return new StoredModel(storage.place(), files, list);
  }

  /** Of the place itself, and not of what lies below it. */
  private static boolean isOfModel(String name) {
    return ModelFiles.isModelFile(name)
        || name.equals(ModelFiles.CARD)
        || name.equals(ModelFiles.PROVENANCE);
  }

  private static void demandSizes(StoragePlace place, Map<String, Listed> files, StoredFiles list)
      throws IOException {
    for (Map.Entry<String, StoredFile> each : list.files().entrySet()) {
      Listed there = files.get(each.getKey());
      if (isOfModel(each.getKey()) && (there == null || there.bytes() != each.getValue().bytes())) {
        throw new DamagedFolderException(
            "%s/%s is damaged: it has %s bytes, expected %s"
                .formatted(
                    place,
                    each.getKey(),
                    there == null ? "no" : there.bytes(),
                    each.getValue().bytes()),
            null);
      }
    }
  }

  private String hash() {
    StringBuilder text = new StringBuilder(place.toString());
    files.forEach(
        (name, file) -> text.append("\n%s %s %s".formatted(name, file.bytes(), file.tag())));
    return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, HASH_DIGITS);
  }

  private void fetch(Path folder, Claim claim, Consumer<String> log) throws IOException {
    long bytes = files.values().stream().mapToLong(Listed::bytes).sum();
    long free = OutputPlace.existing(folder).toFile().getUsableSpace();
    if (free < bytes) {
      throw new IOException(
          "%s has %s, the disk of %s has %s free"
              .formatted(place, Units.bytes(bytes), folder, Units.bytes(free)));
    }
    log.accept("fetching %s, %s in %s files".formatted(place, Units.bytes(bytes), files.size()));
    FileOutput.write(folder.resolveSibling(ORIGIN), place + "\n");
    try (ObjectStorage storage = ObjectStorage.open(place, Patience.LONG)) {
      ModelFolder.write(
          folder,
          fresh -> {
            for (Map.Entry<String, Listed> each : files.entrySet()) {
              Path file = fresh.resolve(each.getKey());
              storage.get(each.getKey(), each.getValue(), file);
              demandWhole(each.getKey(), file);
            }
            demandSums(fresh);
            claim.demandHeld();
          });
    }
    log.accept("%s is in %s".formatted(place, folder));
  }

  private void demandWhole(String name, Path file) throws IOException {
    StoredFile expected = list.map(all -> all.files().get(name)).orElse(null);
    if (expected != null && !Sha256.isOf(file, expected.sha256())) {
      throw new DamagedFolderException(
          "%s/%s is damaged: its SHA-256 is %s, expected %s"
              .formatted(place, name, Sha256.of(file), expected.sha256()),
          null);
    }
  }

  /** Those that a model brings along, wherever it was copied from. */
  private void demandSums(Path fresh) throws IOException {
    if (!Files.exists(fresh.resolve(Checksums.NAME))) {
      return;
    }
    for (Map.Entry<String, String> each : Checksums.read(fresh).sums().entrySet()) {
      Path file = fresh.resolve(each.getKey());
      if (Files.exists(file) && !Sha256.isOf(file, each.getValue())) {
        throw new DamagedFolderException(
            "%s/%s is damaged: its SHA-256 is %s, %s has %s"
                .formatted(place, each.getKey(), Sha256.of(file), Checksums.NAME, each.getValue()),
            null);
      }
    }
  }
}
