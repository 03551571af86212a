package ai.dmt.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How much is said of a long task while it goes on. */
final class ProgressOptions {
  @Option(
      names = "--quiet",
      description = "Print nothing but errors, results and the line at the end.")
  boolean quiet;

  /** Where it is said. @param out that of the command */
  PrintWriter said(PrintWriter out) {
    return quiet ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /** The terminal's last line; none where lines are printed one after another, or nothing is. */
  Optional<Consumer<String>> line() {
    if (quiet || !Terminal.canRedraw()) {
      return Optional.empty();
    }
    Terminal.endLineWithProcess();
    return Optional.of(Terminal.line()::show);
  }
}
