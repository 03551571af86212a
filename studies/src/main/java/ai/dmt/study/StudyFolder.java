package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.prepare.CacheUse;
import ai.dmt.prepare.SampleCache;
import ai.dmt.provenance.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a study keeps what. A node's folder appears whole or not at all, so that it is there means
 * that the node is done.
 *
 * @param root the study's output
 */
public record StudyFolder(Path root) {
  /**
   * Follows links: a study may lie on another disk.
   *
   * @param root the study's output
   */
  public StudyFolder {
    try {
      root = OutputPlace.resolve(root);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be used: %s".formatted(root, Disk.reason(e)), e);
    }
  }

  /**
   * {@return the folder that a user names}
   *
   * @param output made when the study begins
   * @throws ConfigException if it cannot be written
   */
  public static StudyFolder ofOutput(Path output) {
    OutputPlace.demandWritable("--output", output, List.of());
    return new StudyFolder(output);
  }

  /** {@return the file with the definition that the folder was begun with} */
  public Path study() {
    return root.resolve("study.yaml");
  }

  /** {@return the file with all results, see docs/study.md} */
  public Path results() {
    return root.resolve("results.json");
  }

  /** {@return the file with the command that the study was last started with, if it was by one} */
  public Path command() {
    return root.resolve("command.txt");
  }

  /** {@return the file whose presence says that all stages are trained with AVX2 alone} */
  public Path reproducible() {
    return root.resolve("reproducible");
  }

  /** {@return where samples are kept as tokens, for other processes and the next start} */
  public CacheUse prepared() {
    return new CacheUse(Optional.of(new SampleCache(root.resolve("prepared"))), notice -> {});
  }

  /** {@return the file that tells how long things took} */
  public Path timing() {
    return root.resolve("timing.json");
  }

  /** {@return the folder of all trained stages} */
  public Path nodes() {
    return root.resolve("nodes");
  }

  /** {@return the folder that tells of all tasks without a result} */
  public Path failures() {
    return root.resolve("failures");
  }

  /** {@return the folder of all locks} */
  public Path locks() {
    return root.resolve("locks");
  }

  /** {@return the folder of all cells that were asked for} */
  public Path cells() {
    return root.resolve("cells");
  }

  /**
   * {@return the folder of a trained stage, or of the base model's losses}
   *
   * @param key of the node
   */
  public Path node(String key) {
    return nodes().resolve(key);
  }

  /**
   * {@return the folder of a stage's checkpoint while it is trained}
   *
   * @param key of the node
   */
  Path checkpoints(String key) {
    return root.resolve("checkpoints").resolve(key);
  }

  /** {@return the folder of jobs of a scheduler: what was submitted, and what they say} */
  public Path jobs() {
    return root.resolve("jobs");
  }

  /**
   * {@return the folder with the model of a trained stage}
   *
   * @param key of the node
   */
  public Path model(String key) {
    return node(key).resolve("model");
  }

  /**
   * {@return the folder with a benchmark's completions and scores of one model}
   *
   * @param key of the evaluation
   */
  public Path evaluation(String key) {
    return root.resolve("evaluations").resolve(key);
  }

  /**
   * {@return the folder with what was computed over the models of several stages}
   *
   * @param key of the analysis
   */
  public Path analysis(String key) {
    return root.resolve("analyses").resolve(key);
  }

  /**
   * {@return the file that tells why a task has no result; cleared at the next start}
   *
   * @param key of the task
   */
  public Path failure(String key) {
    return failures().resolve(key + ".json");
  }

  /**
   * {@return the file that is locked by the process that works on a task}
   *
   * @param key of the task
   */
  public Path lock(String key) {
    return locks().resolve(key + ".lock");
  }

  /**
   * {@return a cell's own folder}
   *
   * @param cell of the study
   */
  public Path cell(StudyCell cell) {
    return cells().resolve(cell.slug());
  }

  /** {@return the recipe of a cell that was asked for} */
  Path cellRecipe(StudyCell cell) {
    return cell(cell).resolve("recipe.yaml");
  }

  /**
   * Compares definition, data, models and the models of all finished stages with the record that
   * the study was begun with. All of these files are read.
   *
   * @return what has changed
   * @throws ConfigException if the folder has no record, or the record is damaged
   * @throws IOException if a folder cannot be read
   */
  public Verification verify() throws IOException {
    return StudyRecord.verify(this);
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
