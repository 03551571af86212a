package ai.dmt.cli;

import java.io.Console;

/** Whether people read what is printed. */
final class Terminal {
  private Terminal() {}

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
