package ai.dmt.checkpoint;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes model folders so that a full disk or a kill leaves the old model whole: all files are
 * written to a folder beside the place ({@code .NAME.saving}), flushed, and swapped in by two
 * renames. Files of the old folder that are no part of a model, such as logs, move over to the new
 * one.
 */
public final class ModelFolder {
  /** Files that belong to a tokenizer. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.model",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja");

  private ModelFolder() {}

  /** Writes files into a folder. */
  @FunctionalInterface
  public interface Contents {
    /** Writes into an empty folder. */
    void writeTo(Path folder) throws IOException;
  }

  /** Copies those tokenizer files that are there. */
  public static void copyTokenizer(Path from, Path to) throws IOException {
    for (String name : TOKENIZER_FILES) {
      Path file = from.resolve(name);
      if (Files.exists(file)) {
        Files.copy(file, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /**
   * Writes a folder whole or not at all.
   *
   * @param target folder to write; its parents are made
   * @throws IOException if it cannot be written; an older folder is then as it was
   */
  public static void write(Path target, Contents contents) throws IOException {
    Path place = target.toAbsolutePath().normalize();
    if (place.getFileName() == null || (Files.exists(place) && !Files.isDirectory(place))) {
      throw new IOException(target + " is not a folder, expected one to save a model to");
    }
    Path saving = sibling(place, ".saving");
    Path old = sibling(place, ".old");
    Files.createDirectories(place.getParent());
    recover(place, old);
    delete(saving); // left by a save that was killed
    try {
      Files.createDirectory(saving);
      contents.writeTo(saving);
      flush(saving);
      swap(saving, place, old);
    } catch (IOException | RuntimeException e) {
      delete(saving);
      throw e;
    }
    keepOtherFiles(old, place);
    delete(old);
  }

  /**
   * Gives a model that was written a second place, which takes no room where the file system has
   * hard links. Neither place changes when the other is written again: files are replaced whole.
   *
   * @param from folder of the model; only its own files are taken, no folders in it
   * @param target see {@link #write}
   * @throws IOException if it cannot be written; an older folder is then as it was
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
      Files.copy(file, link); // no hard links here, or not to another device
    }
  }

  /**
   * Undoes what a save that was killed between its two renames left; a run that goes on does so
   * before it looks for its files.
   *
   * @param target as in {@link #write}
   */
  public static void recover(Path target) throws IOException {
    Path place = target.toAbsolutePath().normalize();
    recover(place, sibling(place, ".old"));
  }

  private static Path sibling(Path place, String suffix) {
    return place.resolveSibling("." + place.getFileName() + suffix);
  }

  /** Undoes a save that was killed between its two renames. */
  private static void recover(Path place, Path old) throws IOException {
    if (Files.exists(old)) {
      if (Files.exists(place)) {
        keepOtherFiles(old, place);
        delete(old);
      } else {
        Files.move(old, place);
      }
    }
  }

  private static void swap(Path saving, Path place, Path old) throws IOException {
    boolean replaces = Files.exists(place);
    if (replaces) {
      Files.move(place, old, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(saving, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (replaces) {
        Files.move(old, place, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    Disk.flush(place.getParent());
  }

  /** Moves what is no part of a model, unless the new folder has a file of that name. */
  private static void keepOtherFiles(Path old, Path place) throws IOException {
    if (!Files.exists(old)) {
      return;
    }
    for (Path file : entries(old)) {
      Path kept = place.resolve(file.getFileName());
      if (!isModelFile(file.getFileName().toString()) && !Files.exists(kept)) {
        Files.move(file, kept);
      }
    }
  }

  private static boolean isModelFile(String name) {
    return name.equals("config.json")
        || name.equals("generation_config.json")
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json")
        || TOKENIZER_FILES.contains(name);
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Brings files and names to the disk, so that the rename cannot overtake them. */
  private static void flush(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Disk.flush(file);
      }
    }
  }

  /**
   * Deletes a folder with all that is in it, if it is there.
   *
   * @throws IOException if something in it cannot be deleted
   */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
