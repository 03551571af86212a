package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.internal.text.Faults;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Judges all matches, several at once, and writes a file of judgements in the matches' order. */
public final class JudgingRun {
  private final Judge judge;
  private final int repeats;
  private final int concurrency;
  private final JudgeClock clock;
  private final JudgeListener listener;
  private volatile boolean stopped;

  /**
   * Makes a run.
   *
   * @param judge asked by several threads at once
   * @param repeats opinions on each match, at least 1
   * @param concurrency matches that are judged at once, at least 1
   * @param clock stopped with the run
   * @param listener called by several threads
   */
  public JudgingRun(
      Judge judge, int repeats, int concurrency, JudgeClock clock, JudgeListener listener) {
    new Faults("judging")
        .positive("repeats", repeats)
        .positive("concurrency", concurrency)
        .throwIfAny();
    this.judge = judge;
    this.repeats = repeats;
    this.concurrency = concurrency;
    this.clock = clock;
    this.listener = listener;
  }

  /** Lets requests under way end and begins no other; waits between tries end at once. */
  public void stop() {
    stopped = true;
    clock.stop();
  }

  /**
   * Judges all repeats of all matches, the first of each before the second. After {@link #stop} the
   * output stays as it was, and what was judged lies beside it in {@code FILE.partial}.
   *
   * @param matches in the order of the file
   * @param output file of judgements; replaced when all are made
   * @return what was judged
   * @throws RuntimeException what the judge threw first, after which no match is begun
   * @throws InterruptedException if the thread is interrupted
   */
  public JudgingResult judge(List<Match> matches, Path output) throws InterruptedException {
    Judgment[] judgments = new Judgment[matches.size() * repeats];
    AtomicInteger done = new AtomicInteger();
    AtomicInteger fromCache = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(concurrency);
    try (JudgmentOutput file = JudgmentOutput.open(output)) {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < judgments.length; i++) {
        int place = i;
        Match match = matches.get(i % matches.size());
        int repeat = i / matches.size();
        tasks.add(
            threads.submit(
                () -> {
                  if (stopped) {
                    return null;
                  }
                  try {
                    Opinion opinion = judge.judge(match, repeat);
                    Judgment judgment = opinion.judgment(judge.name(), match);
                    file.append(judgment);
                    judgments[place] = judgment;
                    fromCache.addAndGet(opinion.fromCache() ? 1 : 0);
                    listener.onJudgment(judgment, done.incrementAndGet(), judgments.length);
                  } catch (RuntimeException e) {
                    stop(); // before this thread begins the next match
                    throw e;
                  }
                  return null;
                }));
      }
      join(tasks);
      if (done.get() == judgments.length) {
        file.finish(Arrays.asList(judgments));
      }
    } finally {
      threads.shutdownNow();
    }
    return JudgingResult.of(judgments, fromCache.get());
  }

  /** Waits for all; the first fault is thrown when they have ended. */
  private static void join(List<Future<?>> tasks) throws InterruptedException {
    RuntimeException fault = null;
    for (Future<?> task : tasks) {
      try {
        task.get();
      } catch (ExecutionException e) {
        if (fault == null && e.getCause() instanceof RuntimeException known) {
          fault = known;
        } else if (e.getCause() instanceof Error error) {
          throw error;
        } // else it was stopped while it waited
      }
    }
    if (fault != null) {
      throw fault;
    }
  }
}
