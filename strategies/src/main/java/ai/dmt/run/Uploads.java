package ai.dmt.run;

import ai.dmt.internal.files.Disk;
import ai.dmt.internal.storage.OpenFolder;
import ai.dmt.internal.storage.StoragePlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Uploads folders in the background, one after the other, in the order in which they became whole.
 * What fails stays first in the row and is tried again with the next folder, and every few minutes;
 * a checkpoint that a newer one waits behind is left out.
 */
final class Uploads implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final StoragePlace place;
  private final Upload upload;
  private final Deque<Waiting> row = new ArrayDeque<>();
  private final List<String> notes = new ArrayList<>();
  private final Thread thread = new Thread(this::work, "uploads");
  private @Nullable Exception failure; // of the last try; null if it went well
  private long retryAt; // while there is a failure
  private boolean retry; // there is a reason to try at once
  private boolean last; // nothing will be added
  private boolean ended;

  /** How one is done. */
  interface Upload {
    void run(OpenFolder folder) throws IOException;
  }

  /** Opens the files of a folder that is whole on the disk. */
  interface Opening {
    OpenFolder open() throws IOException;
  }

  private record Waiting(OpenFolder folder, boolean checkpoint) {}

  Uploads(StoragePlace place, Upload upload) {
    this.place = place;
    this.upload = upload;
    thread.setDaemon(true);
    thread.start();
  }

  /** Adds a folder. @param checkpoint whether the next one makes it needless */
  synchronized void add(boolean checkpoint, Opening opening) {
    try {
      row.add(new Waiting(opening.open(), checkpoint));
      retry = true;
      notifyAll();
    } catch (IOException | UncheckedIOException e) { // the run has just written them
      note("%s is left out: %s".formatted(place, Disk.reason(e)));
      failure = e;
    }
  }

  private void work() {
    while (true) {
      Waiting next = next();
      if (next == null) {
        return;
      }
      @Nullable Exception fault = null;
      try {
        upload.run(next.folder());
      } catch (IOException | RuntimeException e) {
        fault = e;
      }
      done(next, fault);
    }
  }

  /** The first in the row, once it is time; null if there will be none. */
  private synchronized @Nullable Waiting next() {
    try {
      while (!isDue()) {
        if (ended || (last && row.isEmpty())) {
          ended = true;
          notifyAll();
          return null;
        }
        long nanos = failure == null || row.isEmpty() ? RETRY_NANOS : retryAt - System.nanoTime();
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, 1));
      }
      retry = false;
      return row.peek();
    } catch (InterruptedException e) {
      ended = true;
      notifyAll();
      return null;
    }
  }

  private boolean isDue() {
    return !ended
        && !row.isEmpty()
        && (failure == null || retry || System.nanoTime() - retryAt >= 0);
  }

  private synchronized void done(Waiting folder, @Nullable Exception fault) {
    boolean superseded =
        folder.checkpoint() && row.stream().anyMatch(each -> each != folder && each.checkpoint());
    if (fault == null || superseded) {
      row.remove(folder);
      close(folder);
    }
    if (fault != null) {
      note(
          "%s is not uploaded, and is tried again: %s"
              .formatted(what(folder.folder()), fault.getMessage()));
      retryAt = System.nanoTime() + RETRY_NANOS;
      if (last && !retry && !superseded) {
        ended = true; // that was the last try
      }
    } else if (failure != null) {
      note("%s is uploaded now".formatted(what(folder.folder())));
    }
    failure = fault;
    dropSuperseded();
    notifyAll();
  }

  /** Only the newest of checkpoints that wait. */
  private void dropSuperseded() {
    List<Waiting> checkpoints = row.stream().filter(Waiting::checkpoint).toList();
    for (Waiting old : checkpoints.subList(0, Math.max(0, checkpoints.size() - 1))) {
      row.remove(old);
      close(old);
    }
  }

  private void close(Waiting folder) {
    try {
      folder.folder().close();
    } catch (IOException e) {
      return; // it was only read
    }
  }

  private String what(OpenFolder folder) {
    return folder.name().isEmpty() ? "the model of " + place : place + "/" + folder.name();
  }

  /** For people; also from other threads. */
  synchronized void note(String line) {
    notes.add(line);
  }

  /** {@return what was noted since the last call} */
  synchronized List<String> notes() {
    List<String> all = List.copyOf(notes);
    notes.clear();
    return all;
  }

  /**
   * Waits until the row is empty, or its first has failed once more.
   *
   * @param output folder with the files, for the message
   * @throws IOException if something is not uploaded
   */
  synchronized void finish(Path output) throws IOException {
    last = true;
    retry = true;
    notifyAll();
    try {
      while (!ended) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + place + " was written", e);
    }
    if (failure != null || !row.isEmpty()) {
      String reason = failure == null ? "the upload was ended" : Disk.reason(failure);
      throw new IOException(
          ("not all of the run is in %s: %s; its files are whole in %s, and the same command with"
                  + " --resume auto uploads them")
              .formatted(place, reason, output),
          failure);
    }
  }

  @Override
  public synchronized void close() {
    ended = true;
    thread.interrupt();
    notifyAll();
    row.forEach(this::close);
    row.clear();
  }
}
