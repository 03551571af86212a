package ai.dmt.study;

import ai.dmt.checkpoint.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where a study keeps what. A node's folder appears whole or not at all, so that it is there means
 * that the node is done.
 *
 * @param root the study's output
 */
public record StudyFolder(Path root) {
  /** Makes the path absolute. */
  public StudyFolder {
    root = root.toAbsolutePath().normalize();
  }

  /** The definition that the folder was begun with. */
  public Path study() {
    return root.resolve("study.yaml");
  }

  /** All results, see docs/study.md. */
  public Path results() {
    return root.resolve("results.json");
  }

  /** How long things took. */
  public Path timing() {
    return root.resolve("timing.json");
  }

  /** A trained stage, or the base model's losses. */
  public Path node(String key) {
    return root.resolve("nodes").resolve(key);
  }

  /** The model of a trained stage. */
  public Path model(String key) {
    return node(key).resolve("model");
  }

  /** A benchmark's completions and scores of one model. */
  public Path evaluation(String key) {
    return root.resolve("evaluations").resolve(key);
  }

  /** Why a task has no result; cleared at the next start. */
  public Path failure(String key) {
    return root.resolve("failures").resolve(key + ".json");
  }

  /** Held by the process that works on a task. */
  public Path lock(String key) {
    return root.resolve("locks").resolve(key + ".lock");
  }

  /** A cell's own folder. */
  public Path cell(StudyCell cell) {
    return root.resolve("cells").resolve(cell.slug());
  }

  /**
   * Replaces a file at once, so that no reader sees a part of it and a kill leaves the old one.
   *
   * @throws IOException naming the file, if it cannot be written; the old file is then as it was
   */
  static void replace(Path file, String text) throws IOException {
    try {
      replaceWhole(file, text);
    } catch (IOException e) {
      throw new IOException("%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void replaceWhole(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".new");
    try {
      Files.writeString(fresh, text);
      Disk.flush(fresh);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
