package ai.dmt.internal.storage;

import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.storage.StoredFiles.StoredFile;
import ai.dmt.internal.text.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Folders in an object storage, each whole or not there: a list of its files, with sizes and
 * checksums, is put last and deleted first.
 */
public final class StoredFolders {
  private final ObjectStorage storage;

  /** What must hold before a folder becomes visible. */
  public interface Condition {
    /**
     * Looks.
     *
     * @throws IOException if it does not hold, or cannot be told
     */
    void demand() throws IOException;
  }

  /**
   * Makes it.
   *
   * @param storage stays the caller's
   */
  public StoredFolders(ObjectStorage storage) {
    this.storage = storage;
  }

  /**
   * {@return the names of whole folders; "" for the place itself}
   *
   * @param names of all objects of the place
   */
  public static Set<String> whole(Collection<String> names) {
    return names.stream()
        .filter(name -> name.equals(StoredFiles.NAME) || name.endsWith("/" + StoredFiles.NAME))
        .map(name -> name.substring(0, Math.max(0, name.length() - StoredFiles.NAME.length() - 1)))
        .collect(Collectors.toSet());
  }

  private static String in(String folder, String name) {
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  /**
   * Uploads a folder, in place of what is there; called again after a failure, it goes on.
   *
   * @param folder with its files
   * @param condition asked when all files are there
   * @throws IOException if it could not be done; readers then see no such folder
   */
  public void put(OpenFolder folder, Condition condition) throws IOException {
    String list = in(folder.name(), StoredFiles.NAME);
    files(folder.name()).ifPresent(older -> folder.replaces(older.files().keySet()));
    storage.delete(List.of(list));
    Map<String, StoredFile> files = new TreeMap<>();
    for (OpenFolder.OpenFile file : folder.files()) {
      files.put(file.name(), new StoredFile(file.bytes(), file.sum()));
      if (!file.isPut()) {
        storage.put(in(folder.name(), file.name()), file.channel(), file.bytes());
        file.setPut(true);
      }
    }
    demandSizes(folder);
    condition.demand();
    storage.put(list, new StoredFiles(files).toJson());
    storage.delete(folder.stale().stream().map(name -> in(folder.name(), name)).toList());
  }

  /** As the server lists them. */
  private void demandSizes(OpenFolder folder) throws IOException {
    Map<String, Long> there = storage.list(folder.name().isEmpty() ? "" : folder.name() + "/");
    for (OpenFolder.OpenFile file : folder.files()) {
      Long bytes = there.get(in(folder.name(), file.name()));
      if (bytes == null || bytes != file.bytes()) {
        file.setPut(false);
        throw new IOException(
            "%s/%s has %s bytes after it was written, expected %s"
                .formatted(
                    storage.place(),
                    in(folder.name(), file.name()),
                    bytes == null ? "no" : bytes,
                    file.bytes()));
      }
    }
  }

  /**
   * {@return a small file of a whole folder; empty if the folder is not whole or has none}
   *
   * @param folder its name
   * @param name of the file in it
   * @throws IOException if the storage cannot be asked, or the file is damaged
   */
  public Optional<byte[]> read(String folder, String name) throws IOException {
    Optional<StoredFiles> files = files(folder);
    return files.isPresent() && files.get().files().containsKey(name)
        ? storage.read(in(folder, name))
        : Optional.empty();
  }

  private Optional<StoredFiles> files(String folder) throws IOException {
    String list = in(folder, StoredFiles.NAME);
    Optional<byte[]> json = storage.read(list);
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(StoredFiles.parse(json.get(), storage.place() + "/" + list));
  }

  /**
   * Fetches a whole folder, and compares sizes and checksums.
   *
   * @param folder its name
   * @param target empty folder to write to
   * @throws DamagedFolderException if what is there is not what it lists
   * @throws IOException if it cannot be fetched, or the disk has no room for it
   */
  public void fetch(String folder, Path target) throws IOException {
    StoredFiles files =
        files(folder)
            .orElseThrow(
                () ->
                    new DamagedFolderException(
                        "%s/%s is not whole".formatted(storage.place(), folder), null));
    long free = OutputPlace.existing(target).toFile().getUsableSpace();
    if (free < files.bytes()) {
      throw new IOException(
          "%s/%s has %s, the disk of %s has %s free"
              .formatted(
                  storage.place(), folder, Units.bytes(files.bytes()), target, Units.bytes(free)));
    }
    for (Map.Entry<String, StoredFile> each : files.files().entrySet()) {
      Path file = target.resolve(each.getKey());
      Files.createDirectories(file.resolveSibling(""));
      String sum = storage.get(in(folder, each.getKey()), file);
      if (!sum.equals(each.getValue().sha256())) {
        throw new DamagedFolderException(
            "%s/%s is damaged: its SHA-256 is %s, expected %s"
                .formatted(
                    storage.place(), in(folder, each.getKey()), sum, each.getValue().sha256()),
            null);
      }
      Disk.flush(file);
    }
  }

  /**
   * Deletes folders, whole or not; readers see none of them from the first moment. Of the place
   * itself, only what it lists goes.
   *
   * @param folders their names
   * @param all objects of the place that may be in them
   * @throws IOException if something cannot be deleted
   */
  public void delete(Collection<String> folders, Collection<String> all) throws IOException {
    List<String> lists = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String folder : folders) {
      if (folder.isEmpty()) {
        files(folder).ifPresent(own -> others.addAll(own.files().keySet()));
        lists.add(StoredFiles.NAME);
      } else {
        all.stream().filter(name -> name.startsWith(folder + "/")).forEach(others::add);
        lists.add(in(folder, StoredFiles.NAME));
      }
    }
    storage.delete(lists);
    storage.delete(others.stream().distinct().toList());
  }
}
