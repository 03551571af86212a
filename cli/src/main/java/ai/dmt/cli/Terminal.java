package ai.dmt.cli;

import java.io.Console;
import java.io.Writer;
import org.jline.nativ.CLibrary;

/** Whether people read what is printed. */
final class Terminal {
  private static final int STANDARD_OUTPUT = 1;

  /** Where the terminal does not say, such as one of a script. */
  private static final int USUAL_COLUMNS = 80;

  private static LiveLine line = new LiveLine(Writer.nullWriter(), () -> USUAL_COLUMNS);

  private static boolean endsWithProcess;

  private Terminal() {}

  /** Makes the last line of the terminal that a writer prints to. */
  static synchronized LiveLine lineOn(Writer out) {
    line = new LiveLine(out, Terminal::columns);
    return line;
  }

  /** The last line of this process's terminal. */
  static synchronized LiveLine line() {
    return line;
  }

  /**
   * Takes the last line away when a signal ends the process, so that nothing is typed behind it.
   */
  static synchronized void endLineWithProcess() {
    if (!endsWithProcess) {
      endsWithProcess = true;
      Runtime.getRuntime().addShutdownHook(new Thread(() -> line().end()));
    }
  }

  /**
   * Whether standard output is a terminal on which a line can be drawn again. It may be one where
   * standard input is none, as for a rank of {@code dmt launch}.
   */
  static boolean canRedraw() {
    String term = System.getenv("TERM");
    if (term == null || term.isEmpty() || term.equals("dumb")) {
      return false;
    }
    TerminalLibrary.place(CacheOptions.folder());
    try {
      return CLibrary.isatty(STANDARD_OUTPUT) == 1;
    } catch (LinkageError | RuntimeException e) { // JLine's library cannot be unpacked
      return false;
    }
  }

  /** As wide as its window is now. */
  private static int columns() {
    CLibrary.WinSize size = new CLibrary.WinSize();
    int failed = CLibrary.ioctl(STANDARD_OUTPUT, CLibrary.TIOCGWINSZ, size);
    if (failed == 0 && size.ws_col > 0) {
      return size.ws_col;
    }
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("[1-9]\\d{0,3}")
        ? Integer.parseInt(columns)
        : USUAL_COLUMNS;
  }

  /** Whether standard output is a terminal that may be coloured (NO_COLOR is not set). */
  static boolean isColoured() {
    return System.getenv("NO_COLOR") == null && isTerminal();
  }

  /** Whether standard input and standard output are a terminal. */
  static boolean isTerminal() {
    return isTerminal(System.console());
  }

  /** From JDK 22 on there is a console for pipes too, with a method that tells them apart. */
  private static boolean isTerminal(Console console) {
    if (console == null || Runtime.version().feature() < 22) {
      return console != null;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
