package ai.dmt.cli;

import ai.dmt.internal.text.Printable;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jline.utils.AttributedString;

/**
 * The last line of a terminal, which says how far a long task is. What is printed meanwhile appears
 * above it. The line never fills its row, so that no terminal wraps it; where a window has become
 * narrower, and the terminal has wrapped it then, all its rows are erased.
 *
 * <p>As long as no line was shown, what is printed passes as if this were not there: one who waits
 * for the reader of a full pipe holds up nobody else.
 */
final class LiveLine {
  private static final long INTERVAL_NANOS = 100_000_000;
  private static final long PATIENCE_MILLIS = 200;
  private static final String UP = "\u001b[A";
  private static final String ERASE_BELOW = "\r\u001b[J";

  private final Writer terminal;
  private final IntSupplier columns;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile boolean shown;
  private String text = ""; // empty: there is no line
  private int drawn; // columns of the line that can be seen; 0 where none can
  private long drawnNanos;
  private volatile boolean lineBegins = true;

  /**
   * A line that is not shown yet.
   *
   * @param terminal where it is drawn
   * @param columns how wide the terminal is now
   */
  LiveLine(Writer terminal, IntSupplier columns) {
    this.terminal = terminal;
    this.columns = columns;
  }

  /** Replaces the line; a terminal is not drawn to more often than people can read. */
  void show(String line) {
    turn.lock();
    try {
      shown = true;
      text = Printable.text(line);
      long now = System.nanoTime();
      if (lineBegins && (drawn == 0 || now - drawnNanos > INTERVAL_NANOS)) {
        drawnNanos = now;
        write(erasing() + drawing());
      }
    } finally {
      turn.unlock();
    }
  }

  /** Takes the line away, unless somebody is stuck while printing: a process can always end. */
  void end() {
    try {
      if (shown && turn.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          text = "";
          write(erasing());
        } finally {
          turn.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What prints above the line, to the terminal by another way. */
  Writer above(Writer out) {
    return new Above(out);
  }

  private String erasing() {
    if (drawn == 0) {
      return "";
    }
    int rows = (drawn - 1) / Math.max(1, columns.getAsInt()); // more than one after a resize
    drawn = 0;
    return UP.repeat(rows) + ERASE_BELOW;
  }

  private String drawing() {
    AttributedString whole = new AttributedString(text);
    AttributedString cut = whole.columnSubSequence(0, Math.max(1, columns.getAsInt() - 1));
    drawn = Math.max(1, cut.columnLength());
    return cut.toString();
  }

  private void write(String drawing) {
    if (!drawing.isEmpty()) {
      try {
        terminal.write(drawing);
        terminal.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final class Above extends FilterWriter {
    Above(Writer out) {
      super(out);
    }

    @Override
    public void write(int c) throws IOException {
      write(new char[] {(char) c}, 0, 1);
    }

    @Override
    public void write(String printed, int from, int count) throws IOException {
      write(printed.toCharArray(), from, count);
    }

    @Override
    public void write(char[] printed, int from, int count) throws IOException {
      if (!shown) {
        print(printed, from, count);
        return;
      }
      turn.lock();
      try {
        LiveLine.this.write(erasing());
        print(printed, from, count);
      } finally {
        turn.unlock();
      }
    }

    private void print(char[] printed, int from, int count) throws IOException {
      out.write(printed, from, count);
      lineBegins = count == 0 ? lineBegins : printed[from + count - 1] == '\n';
    }

    @Override
    public void flush() throws IOException {
      if (!shown) {
        flushed();
        return;
      }
      turn.lock();
      try {
        flushed();
        if (lineBegins && drawn == 0 && !text.isEmpty()) {
          LiveLine.this.write(drawing());
        }
      } finally {
        turn.unlock();
      }
    }

    /** A PrintWriter keeps its failures to itself, and a command may ask for them. */
    private void flushed() throws IOException {
      out.flush();
      if (out instanceof PrintWriter printer && printer.checkError()) {
        throw new IOException("what was printed could not be written");
      }
    }
  }
}
