package ai.dmt.cli;

import ai.dmt.evaluators.judge.JudgeListener;
import ai.dmt.evaluators.mtbench.Judgment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Tells on standard error what a judge does: failed tries, and every few seconds how far it is. */
final class JudgeProgress implements JudgeListener {
  private static final long INTERVAL_NANOS = 5_000_000_000L;

  private final PrintWriter err;
  private long told = System.nanoTime();
  private boolean toldOfKey;

  JudgeProgress(PrintWriter err) {
    this.err = err;
  }

  @Override
  public synchronized void onFailedTry(int tried, int maxTries, String reason, Duration wait) {
    String next =
        tried == maxTries
            ? "given up"
            : String.format(Locale.ROOT, "next in %.1f s", wait.toMillis() / 1000.0);
    say("try %s of %s failed, %s: %s".formatted(tried, maxTries, next, reason));
  }

  @Override
  public synchronized void onDamagedReply(Path file, String fault) {
    say("%s %s; the judge is asked again".formatted(file, fault));
  }

  @Override
  public synchronized void onKeyInReply() {
    if (!toldOfKey) {
      toldOfKey = true;
      say("the judge sends back the key that it was sent; *** stands in its place");
    }
  }

  @Override
  public synchronized void onJudgment(Judgment judgment, int done, int total) {
    long now = System.nanoTime();
    if (now - told > INTERVAL_NANOS && done < total) {
      told = now;
      say("judged %s of %s".formatted(done, total));
    }
  }

  /** Prints a line. */
  synchronized void say(String text) {
    err.println("dmt: " + text);
    err.flush();
  }
}
