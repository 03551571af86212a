package ai.dmt.prepare;

import ai.dmt.data.PreparedSample;
import ai.dmt.data.SourceSummary;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A folder of sample files, each named by the hash of what it was made from. An entry appears whole
 * or not at all; several processes may use the folder at once. Nothing is ever deleted but what a
 * process did not finish: entries may be deleted by hand at any time.
 *
 * @param folder made when the first entry is written
 */
public record SampleCache(Path folder) {

  /** File of a key, whether it exists or not. */
  Path entry(String key) {
    return folder.resolve(key + ".samples");
  }

  /**
   * Reads an entry that was checked before.
   *
   * @param files of the source
   */
  SourceSummary read(Path entry, List<String> files, Consumer<PreparedSample> samples) {
    try {
      return new SampleFileReader(entry, files).read(samples);
    } catch (IOException e) {
      throw unusable(entry, "read", e);
    }
  }

  /**
   * Checks an entry.
   *
   * @return what is wrong with it; empty if nothing is
   */
  String damage(Path entry, List<String> files) {
    try {
      new SampleFileReader(entry, files).verify();
      return "";
    } catch (SampleFileReader.DamagedException e) {
      return Printable.reason(e);
    } catch (IOException e) {
      throw unusable(entry, "read", e);
    }
  }

  /**
   * Makes an entry.
   *
   * @param making makes all samples and gives each to a consumer
   */
  SourceSummary write(
      Path entry, List<String> files, Function<Consumer<PreparedSample>, SourceSummary> making) {
    Path unfinished = null;
    try {
      // Not createTempFile: its files are for their owner alone, whatever the umask.
      String name = ".unfinished-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
      unfinished = OutputPlace.make(folder).resolve(name + ".samples");
      unfinished.toFile().deleteOnExit(); // a signal ends the process without the lines below
      SourceSummary summary;
      try (SampleFileWriter writer = new SampleFileWriter(unfinished, files)) {
        summary = making.apply(writer::write);
        writer.finish(summary);
      }
      Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
      return summary;
    } catch (IOException e) {
      throw unusable(entry, "written", e);
    } catch (UncheckedIOException e) {
      throw unusable(
          entry, "written", Objects.requireNonNull(e.getCause())); // its constructors demand it;
    } finally {
      deleteIfThere(unfinished);
    }
  }

  private static void deleteIfThere(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be deleted: " + e.getMessage(), e);
    }
  }

  private static UncheckedIOException unusable(Path entry, String what, IOException e) {
    return new UncheckedIOException(
        "cache entry %s cannot be %s: %s; --no-cache goes without"
            .formatted(entry, what, e.getMessage()),
        e);
  }
}
