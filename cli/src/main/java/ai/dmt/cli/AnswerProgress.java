package ai.dmt.cli;

import ai.dmt.internal.text.Units;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Tells how many prompts are answered: in the last line of a terminal, or on standard error every
 * few seconds.
 */
final class AnswerProgress implements IntConsumer {
  private static final long INTERVAL_NANOS = 10_000_000_000L;

  private final String subject;
  private final PrintWriter err;
  private final Optional<Consumer<String>> line;
  private final long began = System.nanoTime();
  private long told = began;

  AnswerProgress(String subject, PrintWriter err, ProgressOptions options) {
    this.subject = subject;
    this.err = options.said(err);
    this.line = options.line();
  }

  @Override
  public void accept(int answered) {
    long now = System.nanoTime();
    if (line.isPresent()) {
      double seconds = Math.max(1, now - began) * 1e-9;
      line.get()
          .accept(
              Units.format("%s answers  %.1f per s  %s", answered, answered / seconds, subject));
    } else if (now - told > INTERVAL_NANOS) {
      told = now;
      say("%s answers".formatted(answered));
    }
  }

  /** Prints a line. */
  void say(String text) {
    err.println("dmt: %s: %s".formatted(subject, text));
    err.flush();
  }
}
