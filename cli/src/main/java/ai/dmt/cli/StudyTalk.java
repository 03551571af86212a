package ai.dmt.cli;

import ai.dmt.internal.text.Printable;
import ai.dmt.study.StudyLog;
import ai.dmt.study.StudyProgress;
import ai.dmt.study.StudyStatus;
import ai.dmt.study.WorkerProcesses;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What is said of a study while it runs: a line for each task, or one line of a terminal for all of
 * them, or nothing; always what has failed.
 */
final class StudyTalk implements StudyLog, WorkerProcesses.Output {
  private static final long PAUSE_MILLIS = 1000;

  private final PrintWriter results;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Optional<Consumer<String>> line;

  StudyTalk(CommandSpec spec, ProgressOptions options) {
    this.results = spec.commandLine().getOut();
    this.out = options.said(results);
    this.err = spec.commandLine().getErr();
    this.line = options.line();
  }

  /** Of what is there in the end, or was asked for. */
  PrintWriter results() {
    return results;
  }

  /** Of what is good to know. */
  PrintWriter out() {
    return out;
  }

  /** A whole line at a time, so that lines of several threads and processes do not mix. */
  private static void print(PrintWriter to, String text) {
    to.print(text + System.lineSeparator());
    to.flush();
  }

  @Override
  public void onTask(String text) {
    if (line.isEmpty()) {
      print(out, text);
    }
  }

  @Override
  public void onFailure(String text) {
    print(err, "dmt: " + text);
  }

  @Override
  public void onLine(String text) {
    onTask(text);
  }

  /** Has its "dmt: " already, if it is dmt that spoke. */
  @Override
  public void onErrorLine(String text) {
    print(err, text);
  }

  /**
   * Says how far a study that is polled is.
   *
   * @param said at the last time; a line that says no more is not printed again
   * @return what is said now
   */
  String tell(StudyProgress progress, StudyStatus status, String said) {
    if (line.isPresent()) {
      line.get().accept(progress.line(status));
    } else if (!status.summary().equals(said)) {
      print(out, status.summary());
    }
    return status.summary();
  }

  /** Shows how far a study is, until it is closed; nothing where lines are printed. */
  Ticking follow(StudyProgress progress) {
    return new Ticking(progress, line);
  }

  /** A clock that draws the line. */
  static final class Ticking implements AutoCloseable {
    private final ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "dmt-progress");
              thread.setDaemon(true);
              return thread;
            });

    private Ticking(StudyProgress progress, Optional<Consumer<String>> line) {
      line.ifPresent(
          each ->
              clock.scheduleWithFixedDelay(
                  () -> each.accept(text(progress)), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** One look that fails is not the last one. */
    private static String text(StudyProgress progress) {
      try {
        return progress.line();
      } catch (IOException | RuntimeException e) {
        return "how far it is cannot be read: " + Printable.reason(e);
      }
    }

    @Override
    public void close() {
      clock.shutdownNow();
      Terminal.line().end();
    }
  }
}
