package ai.dmt.cli;

import java.io.PrintWriter;
import java.util.function.IntConsumer;

/** Tells on standard error, every few seconds, how many prompts are answered. */
final class AnswerProgress implements IntConsumer {
  private static final long INTERVAL_NANOS = 10_000_000_000L;

  private final String subject;
  private final PrintWriter err;
  private long told = System.nanoTime();

  AnswerProgress(String subject, PrintWriter err) {
    this.subject = subject;
    this.err = err;
  }

  @Override
  public void accept(int answered) {
    long now = System.nanoTime();
    if (now - told > INTERVAL_NANOS) {
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
