package ai.dmt.train.checkpoint;

import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.RegularFile;
import ai.dmt.train.ControlState;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A complete checkpoint on the disk: one file of state per rank, {@code manifest.json}, what
 * belongs to the run (recipe, ledger, template, tokenizer), and the checksums of all, which were
 * written last.
 */
public final class Checkpoint {
  private static final long MOST_MANIFEST_BYTES = 64L << 20;

  private final Path folder;
  private final CheckpointManifest manifest;
  private final Checksums checksums;

  private Checkpoint(Path folder, CheckpointManifest manifest, Checksums checksums) {
    this.folder = folder;
    this.manifest = manifest;
    this.checksums = checksums;
  }

  /**
   * Reads what a checkpoint says of itself; of its files the manifest alone is checked.
   *
   * @param folder of one checkpoint
   * @return the checkpoint; its files of state may still be damaged, see {@link #faults()}
   * @throws CheckpointException if it is incomplete or damaged, naming the file
   */
  public static Checkpoint open(Path folder) {
    if (!Files.exists(folder.resolve(Checksums.NAME))) {
      throw new CheckpointException(
          "%s has no %s: it was not completed, or is no checkpoint"
              .formatted(folder, Checksums.NAME));
    }
    try {
      Checksums checksums = Checksums.read(folder);
      demand(checksums, folder, CheckpointManifest.NAME);
      String fault = checksums.fault(folder, CheckpointManifest.NAME);
      if (fault != null) {
        throw new CheckpointException(fault);
      }
      Path file = folder.resolve(CheckpointManifest.NAME);
      CheckpointManifest manifest = CheckpointManifest.parse(text(file), file.toString());
      manifest.stateFiles().forEach(state -> demand(checksums, folder, state));
      return new Checkpoint(folder, manifest, checksums);
    } catch (IOException e) {
      throw new CheckpointException(folder + " cannot be read: " + Disk.reason(e), e);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(RegularFile.read(file, MOST_MANIFEST_BYTES), StandardCharsets.UTF_8);
  }

  private static void demand(Checksums checksums, Path folder, String name) {
    if (!checksums.sums().containsKey(name)) {
      throw new CheckpointException(
          "%s is damaged: it has no checksum of %s"
              .formatted(folder.resolve(Checksums.NAME), name));
    }
  }

  /** {@return the folder that it was read from} */
  public Path folder() {
    return folder;
  }

  /** {@return where the run was} */
  public Progress progress() {
    return manifest.progress();
  }

  /** {@return what the run had decided about its mixtures, and decides from} */
  public ControlState control() {
    return manifest.control();
  }

  /** {@return how many ranks the run had that wrote it} */
  public int ranks() {
    return manifest.stateFiles().size();
  }

  /** {@return what wrote it, such as "libtorch": "2.13.0"} */
  public Map<String, String> versions() {
    return manifest.versions();
  }

  /**
   * {@return the size of all files in bytes}
   *
   * @throws IOException if a file is missing or cannot be asked
   */
  public long bytes() throws IOException {
    long bytes = 0;
    for (String file : checksums.sums().keySet()) {
      bytes += Files.size(folder.resolve(file));
    }
    return bytes;
  }

  /** {@return the names of its files, in alphabetical order} */
  public List<String> files() {
    return List.copyOf(checksums.sums().keySet());
  }

  /** {@return what is wrong with its files; empty if nothing is} Reads all of them. */
  public List<String> faults() {
    return checksums.faults(folder);
  }

  /** Place of one of {@link #files()}. */
  Path file(int file) {
    return folder.resolve(files().get(file));
  }

  /** What is wrong with one of {@link #files()}; null if nothing is. */
  @Nullable String fault(int file) {
    return checksums.fault(folder, files().get(file));
  }

  /** How the run that wrote it differs from another, for people. */
  List<String> differences(RunIdentity run) {
    return new ArrayList<>(run.differences(manifest.identity(), "the checkpoint's run had %s"));
  }
}
