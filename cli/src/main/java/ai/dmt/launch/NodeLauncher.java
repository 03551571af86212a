package ai.dmt.launch;

import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs a command as the ranks of this node. When one fails the others get a moment to say what they
 * saw, and are then ended.
 */
public final class NodeLauncher {
  private static final long POLL_MILLISECONDS = 50;
  private static final int GRACES_AFTER_RANK_0 = 6;

  private final List<String> command;
  private final NodeRanks ranks;
  private final Path logFolder;
  private final Duration grace;
  private final Consumer<String> log;
  private final List<RankProcess> running = new ArrayList<>();
  private boolean stopping;

  /**
   * Makes a launcher.
   *
   * @param command program and words of every rank
   * @param logFolder for the output of all ranks but 0
   * @param grace for the other ranks to end by themselves, and again after they were asked to
   * @param log receives one line for each event
   */
  public NodeLauncher(
      List<String> command, NodeRanks ranks, Path logFolder, Duration grace, Consumer<String> log) {
    this.command = List.copyOf(command);
    this.ranks = ranks;
    this.logFolder = logFolder;
    this.grace = grace;
    this.log = log;
  }

  /**
   * Runs to the end, starting all ranks again after a failure.
   *
   * @param maxRestarts after how many failures to give up
   * @return 0; {@link RankProcess#STOPPED} if the ranks were asked to stop and did; else the exit
   *     code of the rank that failed first
   */
  public int run(int maxRestarts) throws IOException, InterruptedException {
    OutputPlace.make(logFolder);
    for (int restart = 0; ; restart++) {
      int exitCode = runOnce();
      if (exitCode == 0
          || exitCode == RankProcess.STOPPED
          || restart == maxRestarts
          || isStopping()) {
        return exitCode;
      }
      log.accept("starting all ranks again, restart %s of %s".formatted(restart + 1, maxRestarts));
    }
  }

  /** Asks all ranks to stop after their step. They agree on it, so that asking one is enough. */
  public synchronized void stop() {
    stopping = true;
    running.forEach(RankProcess::askToStop);
  }

  /** Ends all ranks at once. */
  public synchronized void kill() {
    stopping = true;
    running.forEach(RankProcess::kill);
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private int runOnce() throws IOException, InterruptedException {
    try {
      start();
      if (awaitEndOrFailure()) {
        boolean stopped = running.isEmpty() || running.stream().anyMatch(RankProcess::stopped);
        return stopped ? RankProcess.STOPPED : 0;
      }
      awaitAll();
      RankProcess first = firstFailure();
      if (isStopping() && first.endedByTermination()) {
        log.accept("asked to stop before all ranks trained; nothing is saved");
        return RankProcess.STOPPED;
      }
      log.accept(first.ending());
      sayWhoIsLeft(grace, "that");
      return first.process().exitValue();
    } finally {
      end();
    }
  }

  /** When one rank fails others follow within milliseconds, so that time does not tell which. */
  private RankProcess firstFailure() {
    return running.stream()
        .filter(RankProcess::failed)
        .min(Comparator.comparing(RankProcess::evidence))
        .orElseThrow();
  }

  private void sayWhoIsLeft(Duration waited, String since) {
    String seconds = BigDecimal.valueOf(waited.toMillis(), 3).stripTrailingZeros().toPlainString();
    running.stream()
        .filter(rank -> rank.process().isAlive())
        .map(
            rank ->
                "rank %s still runs %s s after %s; it is ended now"
                    .formatted(rank.rank(), seconds, since))
        .forEach(log);
  }

  private synchronized void start() throws IOException {
    running.clear();
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / ranks.processes());
    for (int local = 0; local < ranks.processes() && !stopping; local++) {
      running.add(RankProcess.start(command, ranks.place(local), threads, logFolder));
    }
  }

  /**
   * Whether all have ended well or as they were asked to; returns as soon as one has not. Rank 0
   * saves for all, so that ranks which stay long after it hang; they count as ended.
   */
  private boolean awaitEndOrFailure() throws InterruptedException {
    Duration patience = grace.multipliedBy(GRACES_AFTER_RANK_0);
    long rank0Alive = System.nanoTime();
    while (running.stream().noneMatch(RankProcess::failed)) {
      if (running.stream().noneMatch(rank -> rank.process().isAlive())) {
        return running.stream().noneMatch(RankProcess::failed); // one may have failed just now
      }
      boolean rank0Ended =
          running.stream().anyMatch(rank -> rank.rank() == 0 && !rank.process().isAlive());
      if (!rank0Ended) {
        rank0Alive = System.nanoTime();
      } else if (System.nanoTime() - rank0Alive > patience.toNanos()) {
        sayWhoIsLeft(patience, "rank 0 has ended");
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
    }
    return false;
  }

  /** Returns when no rank is left: asked to end, or killed. */
  private void end() throws InterruptedException {
    running.forEach(RankProcess::askToStop);
    if (awaitAll()) {
      return;
    }
    running.forEach(RankProcess::kill);
    for (RankProcess rank : running) {
      rank.process().waitFor();
    }
  }

  private boolean awaitAll() throws InterruptedException {
    long deadline = System.nanoTime() + grace.toNanos();
    for (RankProcess rank : running) {
      long left = Math.max(0, deadline - System.nanoTime());
      if (!rank.process().waitFor(left, TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }
}
