package ai.dmt.study;

import ai.dmt.checkpoint.Disk;
import ai.dmt.checkpoint.OutputPlace;
import ai.dmt.checkpoint.WholeFile;
import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a study keeps what. A node's folder appears whole or not at all, so that it is there means
 * that the node is done.
 *
 * @param root the study's output
 */
public record StudyFolder(Path root) {
  /** Follows links: a study may lie on another disk. */
  public StudyFolder {
    try {
      root = OutputPlace.resolve(root);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be used: %s".formatted(root, Disk.reason(e)), e);
    }
  }

  /**
   * The folder that a user names.
   *
   * @throws ConfigException if it cannot be written
   */
  public static StudyFolder ofOutput(Path output) {
    OutputPlace.demandWritable("--output", output, List.of());
    return new StudyFolder(output);
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
    WholeFile.replace(file, text);
  }
}
