package ai.dmt.train.checkpoint;

import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: folders {@code step-00000120}. One that is being written, or deleted,
 * has a name that begins with a dot, so that no reader takes it for a checkpoint.
 *
 * @param root folder that they are in
 */
public record CheckpointFolder(Path root) {
  /** Its name in a run's output folder. */
  public static final String NAME = "checkpoints";

  private static final Pattern STEP = Pattern.compile("step-(\\d{8,18})");
  private static final Pattern UNFINISHED =
      Pattern.compile("\\.step-\\d{8,18}\\.(saving|deleting)");

  /**
   * {@return the checkpoints of a run}
   *
   * @param output folder that the run writes to; need not exist
   */
  public static CheckpointFolder of(Path output) {
    return new CheckpointFolder(output.resolve(NAME));
  }

  /**
   * Finds the checkpoints that a path means: itself, those in it, or those of a run's output.
   *
   * @param path of a checkpoint, of a folder of checkpoints, or of a run's output
   * @return the newest first; empty if there are none
   * @throws IOException if a folder cannot be listed
   */
  public static List<Path> find(Path path) throws IOException {
    if ((Files.isRegularFile(path.resolve(Checksums.NAME)) // a model has those, too
            && Files.isRegularFile(path.resolve(CheckpointManifest.NAME)))
        || STEP.matcher(String.valueOf(path.normalize().getFileName())).matches()) {
      return List.of(path);
    }
    List<Long> steps = of(path).steps();
    CheckpointFolder folder = steps.isEmpty() ? new CheckpointFolder(path) : of(path);
    return folder.steps().stream().map(folder::of).toList();
  }

  /**
   * {@return the steps of which there is a checkpoint, complete or damaged; the newest first}
   *
   * @throws IOException if the folder is there and cannot be listed
   */
  public List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    for (Path folder : folders()) {
      Matcher matcher = STEP.matcher(folder.getFileName().toString());
      if (matcher.matches()) {
        steps.add(Long.parseLong(matcher.group(1)));
      }
    }
    steps.sort(Comparator.reverseOrder());
    return steps;
  }

  /**
   * {@return the place of a step's checkpoint, whether there is one or not}
   *
   * @param step optimizer steps that were done, over all stages
   */
  public Path of(long step) {
    return root.resolve(name(step));
  }

  /** Where a step's checkpoint is written before it is complete. */
  Path saving(long step) {
    return root.resolve("." + name(step) + ".saving");
  }

  /** Makes the folder for a checkpoint; what processes that were killed left is deleted. */
  Path begin(long step) throws IOException {
    clearUnfinished();
    OutputPlace.make(root);
    return Files.createDirectory(saving(step));
  }

  /** A step's checkpoint is written: it appears, in the place of a damaged one if need be. */
  void publish(long step) throws IOException {
    Disk.flush(saving(step));
    if (Files.exists(of(step))) {
      delete(step);
    }
    Files.move(saving(step), of(step), StandardCopyOption.ATOMIC_MOVE);
    Disk.flush(root);
  }

  /**
   * Deletes all but the newest and those that are needed, and those of later steps, which are
   * another try's.
   */
  void prune(long step, int keep, Set<Long> needed) throws IOException {
    int kept = 0;
    for (long each : steps()) {
      boolean old = each <= step && ++kept > keep;
      if ((old && !needed.contains(each)) || each > step) {
        delete(each);
      }
    }
  }

  /**
   * Deletes all checkpoints, also those that were never completed.
   *
   * @throws IOException if one cannot be deleted
   */
  public void clear() throws IOException {
    for (long step : steps()) {
      delete(step);
    }
    clearUnfinished();
  }

  private void delete(long step) throws IOException {
    Path deleting = root.resolve("." + name(step) + ".deleting");
    Disk.delete(deleting);
    Files.move(of(step), deleting, StandardCopyOption.ATOMIC_MOVE); // never half a checkpoint
    Disk.delete(deleting);
  }

  private void clearUnfinished() throws IOException {
    for (Path folder : folders()) {
      if (UNFINISHED.matcher(folder.getFileName().toString()).matches()) {
        Disk.delete(folder);
      }
    }
  }

  private List<Path> folders() throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries.filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)).toList();
    }
  }

  private static String name(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }
}
