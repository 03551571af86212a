package ai.dmt.tensorboard;

import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file of a folder that TensorBoard reads; each event can be seen at once. Charts are no
 * reason to end a run of hours: a file that cannot be made or written is told once, and what comes
 * after that is left out.
 *
 * <pre>{@code
 * try (EventFile events = EventFile.after(folder, 0, System.err::println)) {
 *   events.scalars(1, Map.of("train/loss", 2.5));
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class EventFile implements Closeable {
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10,})\\.dmt");

  private final Path file;
  private final Consumer<String> warnings;
  private @Nullable OutputStream out; // null once it has failed

  private EventFile(Path file, Consumer<String> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  /**
   * Begins a file that goes on after a step. What dmt's files in the folder tell of later steps is
   * taken out of them, and a TensorBoard that looks on forgets it.
   *
   * @param folder made if it is not there
   * @param step that the run goes on after; 0 for a run that begins, before which nothing counts
   * @param warnings told once if nothing can be written
   * @return a file to be closed
   */
  public static EventFile after(Path folder, long step, Consumer<String> warnings) {
    EventFile made = new EventFile(folder, warnings);
    try {
      Files.createDirectories(folder);
      long newest = 0;
      for (Path old : files(folder)) {
        newest = Math.max(newest, time(old));
        if (step == 0) {
          Files.delete(old);
        } else {
          cut(old, step);
        }
      }
      return open(folder, newest, step, warnings);
    } catch (IOException e) {
      made.fail(e);
      return made;
    }
  }

  /** Readers take files in the order of their names. */
  private static EventFile open(Path folder, long newest, long step, Consumer<String> warnings)
      throws IOException {
    long seconds = Math.max(System.currentTimeMillis() / 1000, newest + 1);
    Path file = folder.resolve("events.out.tfevents.%s.dmt".formatted(seconds));
    Files.createFile(file); // nobody else's
    EventFile opened = to(file, warnings);
    if (step > 0) {
      opened.write(Events.start(now(), step + 1));
    }
    return opened;
  }

  /** Writes to a file that is there. */
  static EventFile to(Path file, Consumer<String> warnings) throws IOException {
    EventFile opened = new EventFile(file, warnings);
    opened.out = FileOutput.stream(file);
    opened.write(Events.version(now()));
    return opened;
  }

  /** dmt's own; those of others stay as they are. */
  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(each -> NAME.matcher(each.getFileName().toString()).matches()).toList();
    }
  }

  private static long time(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  /** A file appears cut, or stays as it was. */
  private static void cut(Path file, long step) throws IOException {
    Path kept = file.resolveSibling("." + file.getFileName() + ".tmp");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        OutputStream out = FileOutput.stream(kept)) {
      for (Optional<byte[]> next = EventRecords.next(in);
          next.isPresent();
          next = EventRecords.next(in)) {
        if (Events.step(next.get()) <= step) {
          out.write(EventRecords.framed(next.get()));
        }
      }
    }
    Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * {@return the texts that dmt's files in a folder have of before the first step, by tag}
   *
   * @param folder need not be there
   * @throws IOException if it cannot be read
   */
  public static Map<String, String> textsBefore(Path folder) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    if (!Files.isDirectory(folder)) {
      return texts;
    }
    for (Path file : files(folder)) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
        Optional<byte[]> next = EventRecords.next(in);
        while (next.isPresent() && Events.step(next.get()) <= 0) {
          texts.putAll(Events.texts(next.get()));
          next = EventRecords.next(in);
        }
      }
    }
    return texts;
  }

  /**
   * Writes numbers of a step.
   *
   * @param step from 0, the same or later than that of the call before
   * @param values by tag, such as "train/loss"; what comes before a slash groups them
   */
  public void scalars(long step, Map<String, Double> values) {
    write(Events.scalars(now(), step, values));
  }

  /**
   * Writes a text of a step.
   *
   * @param step from 0, the same or later than that of the call before
   * @param tag such as "samples/math"
   * @param markdown what TensorBoard shows as such
   */
  public void text(long step, String tag, String markdown) {
    write(Events.text(now(), step, tag, markdown));
  }

  @Override
  public void close() {
    OutputStream open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        fail(e);
      }
    }
  }

  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  /** In one piece, so that a reader seldom finds half of it. */
  private void write(byte[] event) {
    if (out != null) {
      try {
        out.write(EventRecords.framed(event));
      } catch (IOException e) {
        close();
        fail(e);
      }
    }
  }

  private void fail(IOException e) {
    warnings.accept(
        "%s cannot be written: %s; the run goes on without TensorBoard's events"
            .formatted(file, Disk.reason(e)));
  }
}
