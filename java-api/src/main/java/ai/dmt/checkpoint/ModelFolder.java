package ai.dmt.checkpoint;

import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.GeneratedText;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.RegularFile;
import ai.dmt.internal.files.Sha256;
import ai.dmt.internal.files.TensorSums;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes folders so that a full disk or a kill leaves the old model or the new one whole.
 *
 * <p>[Note: how a folder is written] A folder that is not there yet is written beside its place,
 * flushed, and renamed. One that is there is never moved: it may be a mount point, or lie where
 * nobody may make a name. New files are written to {@code .saving} in it and flushed; its rename to
 * {@code .saved} decides that the new model counts. Then config.json of the old model is deleted,
 * so that no reader takes a mixture for a model, old files of a model go, new ones move up, and
 * config.json comes last. Whoever is killed there leaves {@code .saved}, and {@link #recover} goes
 * on. Files that are no part of a model, such as logs, stay.
 */
public final class ModelFolder {
  /** Being written. */
  private static final String SAVING = ".saving";

  /** Whole, on its way up. */
  private static final String SAVED = ".saved";

  private static final String CONFIG = "config.json";
  private static final String ADAPTER = "adapter_config.json";

  /** Ten times the largest there is. */
  private static final long MOST_TOKENIZER_BYTES = 512L << 20;

  private ModelFolder() {}

  /** Writes files into a folder. */
  @FunctionalInterface
  public interface Contents {
    /**
     * Writes into an empty folder.
     *
     * @param folder that is there and empty
     * @throws IOException if it cannot be written; nothing takes the place of an older folder then
     */
    void writeTo(Path folder) throws IOException;
  }

  /**
   * Copies those tokenizer files that are there.
   *
   * @param from folder of a model
   * @param to folder that is there
   * @throws IOException if a file is no regular file, has more than 512 MiB, or cannot be copied
   */
  public static void copyTokenizer(Path from, Path to) throws IOException {
    for (Map.Entry<String, byte[]> file : tokenizerFiles(from).entrySet()) {
      FileOutput.write(to.resolve(file.getKey()), file.getValue());
    }
  }

  /**
   * {@return the content of those tokenizer files that are there, by name}
   *
   * @param folder of a model
   * @throws IOException if a file is no regular file, has more than 512 MiB, or cannot be read
   */
  public static Map<String, byte[]> tokenizerFiles(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : ModelFiles.OF_TOKENIZER) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        files.put(name, RegularFile.read(file, MOST_TOKENIZER_BYTES));
      }
    }
    return files;
  }

  /**
   * Writes a folder whole or not at all, see [Note: how a folder is written].
   *
   * @param target folder to write, or a link to one; its parents are made
   * @param contents writes the files into an empty folder, once; checksums are added where it
   *     writes none
   * @throws IOException if it cannot be written; an older folder is then as it was, unless the
   *     message names the folder that the new model is in
   */
  public static void write(Path target, Contents contents) throws IOException {
    Path place = OutputPlace.resolve(target);
    if (Files.isDirectory(place)) {
      fill(place, contents);
    } else if (Files.exists(place)) {
      throw new IOException(target + " is not a folder, expected one to save a model to");
    } else {
      appear(place, contents);
    }
  }

  /**
   * {@return where a folder that is not there yet is written, until it is whole}
   *
   * @param place of the folder, not a link
   */
  public static Path unfinished(Path place) {
    // Not by the folder's own name, which may be as long as names can be.
    String name = Sha256.of(place.getFileName().toString().getBytes(StandardCharsets.UTF_8));
    return place.resolveSibling("." + name.substring(0, 16) + SAVING);
  }

  private static void appear(Path place, Contents contents) throws IOException {
    Path parent = Files.createDirectories(place.getParent());
    Path saving = unfinished(place);
    writeWhole(saving, contents);
    try {
      Files.move(saving, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Disk.delete(saving);
      throw e;
    }
    Disk.flush(parent);
  }

  private static void fill(Path place, Contents contents) throws IOException {
    recover(place);
    Path saving = place.resolve(SAVING);
    writeWhole(saving, contents);
    Files.move(saving, place.resolve(SAVED), StandardCopyOption.ATOMIC_MOVE);
    Disk.flush(place);
    moveUp(place);
  }

  private static void writeWhole(Path saving, Contents contents) throws IOException {
    Disk.delete(saving); // left by a save that was killed
    try {
      Files.createDirectory(saving);
      contents.writeTo(saving);
      seal(saving);
    } catch (IOException | RuntimeException e) {
      try {
        Disk.delete(saving);
      } catch (IOException left) {
        e.addSuppressed(left); // a disk that is gone
      }
      throw e;
    }
  }

  /**
   * Ends what a save that was killed left; a run that goes on does so before it looks for its
   * files. Nobody else may write there.
   *
   * @param target as in {@link #write}
   * @throws IOException if something cannot be deleted or moved
   */
  public static void recover(Path target) throws IOException {
    Path place = OutputPlace.resolve(target);
    Disk.delete(place.resolve(SAVING));
    if (Files.isDirectory(place.resolve(SAVED), LinkOption.NOFOLLOW_LINKS)) {
      moveUp(place);
    }
  }

  /** Can be done again from any point at which it was killed. */
  private static void moveUp(Path place) throws IOException {
    Path saved = place.resolve(SAVED);
    try {
      List<Path> fresh = entries(saved);
      if (Files.exists(saved.resolve(Checksums.NAME))) {
        deleteStale(place, Checksums.read(saved).sums().keySet());
        if (!Files.exists(saved.resolve(ModelFiles.PROVENANCE))) {
          deleteRecord(place);
        }
      }
      for (Path file : fresh) {
        Path to = place.resolve(file.getFileName());
        if (file.getFileName().toString().equals(ModelFiles.CARD)
            && !GeneratedText.mayReplace(to)) {
          Disk.delete(file); // a person's card stays
          continue;
        }
        if (Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
          Disk.delete(to);
        }
        Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
      }
      Disk.flush(place);
      Disk.delete(saved);
    } catch (IOException e) {
      throw new FileSystemException(
          place.toString(),
          null,
          "the new files are whole in %s, but cannot move up: %s; the next save or run goes on"
              .formatted(saved, Disk.reason(e)));
    }
  }

  /** Deletes what says what a folder is, unless it is the new one, then what only the old had. */
  private static void deleteStale(Path place, Set<String> fresh) throws IOException {
    for (String decisive : List.of(CONFIG, ADAPTER)) {
      boolean old =
          Files.exists(place.resolve(SAVED).resolve(decisive)) || !fresh.contains(decisive);
      if (old && Files.deleteIfExists(place.resolve(decisive))) {
        Disk.flush(place);
      }
    }
    for (Path old : entries(place)) {
      String name = old.getFileName().toString();
      if (ModelFiles.isModelFile(name) && !fresh.contains(name) && !name.equals(Checksums.NAME)) {
        Disk.delete(old);
      }
    }
  }

  /** Record and card are of the older model; a card that a person wrote or changed stays. */
  private static void deleteRecord(Path place) throws IOException {
    Disk.delete(place.resolve(ModelFiles.PROVENANCE));
    if (GeneratedText.mayReplace(place.resolve(ModelFiles.CARD))) {
      Disk.delete(place.resolve(ModelFiles.CARD));
    }
  }

  /**
   * Demands that all files of a model in a folder, or what links there point to, are files: a pipe
   * would be waited for, and a device has no end. What is missing is not looked at.
   *
   * @param folder of the model; nothing is demanded of one that is not there
   * @throws IOException naming the file
   */
  public static void demandRegularFiles(Path folder) throws IOException {
    for (Path file : files(folder)) {
      String name = file.getFileName().toString();
      if (ModelFiles.isModelFile(name) && Files.exists(file)) {
        RegularFile.demand(file);
        boolean weights = name.endsWith(".safetensors");
        if (!weights && Files.size(file) > MOST_TOKENIZER_BYTES) {
          throw new IOException(
              "%s has %s bytes, expected at most %s"
                  .formatted(file, Files.size(file), MOST_TOKENIZER_BYTES));
        }
      }
    }
  }

  /**
   * {@return the files of a model in a folder, also those that a save that was killed left; empty
   * if the folder is not there}
   *
   * @param folder of the model, or a link to it
   * @throws IOException if the folder cannot be read
   */
  public static List<Path> files(Path folder) throws IOException {
    Path place = OutputPlace.resolve(folder);
    return !Files.isDirectory(place)
        ? List.of()
        : entries(place).stream()
            .filter(
                file -> {
                  String name = file.getFileName().toString();
                  return ModelFiles.isModelFile(name) || name.equals(SAVING) || name.equals(SAVED);
                })
            .toList();
  }

  /** All that is in a folder: config.json after other files, checksums last. */
  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted(Comparator.comparing(ModelFolder::turn)).toList();
    }
  }

  private static String turn(Path file) {
    String name = file.getFileName().toString();
    boolean decides = name.equals(CONFIG) || name.equals(ADAPTER);
    return (name.equals(Checksums.NAME) ? "2" : decides ? "1" : "0") + name;
  }

  /**
   * Gives a model that was written a second place, which takes no room where the file system has
   * hard links. Neither place changes when the other is written again: files are replaced whole.
   *
   * @param from folder of the model; only its own files are taken, no folders in it
   * @param target see {@link #write}
   * @throws IOException as {@link #write}
   */
  public static void link(Path from, Path target) throws IOException {
    write(
        target,
        fresh -> {
          for (Path file : entries(from)) {
            if (Files.isRegularFile(file)) {
              linkOrCopy(file, fresh.resolve(file.getFileName()));
            }
          }
        });
  }

  private static void linkOrCopy(Path file, Path link) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Disk.copy(file, link); // no hard links here, or not to another device
    }
  }

  /**
   * {@return what is wrong with a model that was written here, by its checksums; all of it is read.
   * Empty if nothing is, or if the folder has no checksums, as other programs' models}
   *
   * @param folder of the model
   * @throws IOException if the checksums cannot be read
   */
  public static List<String> faults(Path folder) throws IOException {
    return Files.exists(folder.resolve(Checksums.NAME))
        ? Checksums.read(folder).faults(folder)
        : List.of();
  }

  /** Adds the checksums of a model, and brings files and names to the disk. */
  private static void seal(Path folder) throws IOException {
    boolean model =
        entries(folder).stream()
            .anyMatch(file -> ModelFiles.isModelFile(file.getFileName().toString()));
    if (model && !Files.exists(folder.resolve(Checksums.NAME))) {
      TensorSums tensors = TensorSums.of(folder, TensorSums.WHOLE);
      if (!tensors.files().isEmpty() && !Files.exists(folder.resolve(TensorSums.NAME))) {
        FileOutput.write(folder.resolve(TensorSums.NAME), tensors.toText());
      }
      String sums = Checksums.of(folder).toText();
      FileOutput.write(folder.resolve(Checksums.NAME), sums);
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Disk.flush(file);
      }
    }
  }
}
