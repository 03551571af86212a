package ai.dmt.launch;

import ai.dmt.dist.FailureCause;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.internal.files.Disk;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A rank's process.
 *
 * @param rank in the world
 * @param log what it printed; null for rank 0, which prints to this process's streams
 * @param logBegin bytes of the log that are an earlier process's
 * @param copying ends once all that it printed is in the log; null for rank 0
 */
public record RankProcess(int rank, Process process, Path log, long logBegin, Thread copying) {
  /** Variable that tells a process to end with the one that started it. */
  public static final String LAUNCHED = "DMT_LAUNCHED";

  /** Exit code of a rank that was asked to stop and has saved; it has not failed. */
  public static final int STOPPED = 130;

  /** Only the launcher asks a rank to stop: a terminal sends SIGINT to both of them. */
  private static final List<String> WITHOUT_INTERRUPTS =
      List.of("sh", "-c", "trap '' INT; exec \"$@\"", "sh");

  /** Java's way of saying that a signal ended a process. */
  private static final int SIGNAL_BASE = 128;

  private static final int TERMINATION = 15;

  /** For the last that a rank printed to be in its log; processes that it left may hold it open. */
  private static final long LOG_MILLISECONDS = 2000;

  static RankProcess start(List<String> command, RankEnvironment place, int threads, Path logFolder)
      throws IOException {
    List<String> words = new ArrayList<>(WITHOUT_INTERRUPTS);
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words);
    Map<String, String> environment = builder.environment();
    environment.putAll(place.variables());
    environment.putIfAbsent("OMP_NUM_THREADS", Integer.toString(threads));
    environment.put(LAUNCHED, "1");
    if (place.rank() == 0) {
      builder
          .redirectOutput(ProcessBuilder.Redirect.INHERIT)
          .redirectError(ProcessBuilder.Redirect.INHERIT);
      return new RankProcess(0, builder.start(), null, 0, null);
    }
    Path log = logFolder.resolve("rank-%s.log".formatted(place.rank()));
    File file = log.toFile();
    long begin = file.length();
    Process process = builder.redirectErrorStream(true).start();
    Thread copying = RankLog.copy(process.getInputStream(), log, prefix(place.rank()));
    return new RankProcess(place.rank(), process, log, begin, copying);
  }

  /** How much a failed rank tells about why the run failed; the most first. */
  enum Evidence {
    /** A signal ended it. */
    KILLED,
    /** It said what went wrong. */
    OWN,
    /** It said nothing that is known here. */
    UNSAID,
    /** It said what went wrong on another rank. */
    TOLD,
    /** It waited for others in vain. */
    TIMED_OUT,
    /** It lost another rank. */
    LOST
  }

  /**
   * Sends SIGTERM, and no more: {@link Process#destroy} would also close the rank's standard input,
   * which tells it that its launcher is gone.
   */
  void askToStop() {
    process.toHandle().destroy();
  }

  void kill() {
    process.toHandle().destroyForcibly();
  }

  boolean failed() {
    return !process.isAlive() && process.exitValue() != 0 && !stopped();
  }

  boolean stopped() {
    return !process.isAlive() && process.exitValue() == STOPPED;
  }

  /** Whether it ended by SIGTERM, which it did not listen to yet. */
  boolean endedByTermination() {
    return !process.isAlive() && process.exitValue() == SIGNAL_BASE + TERMINATION;
  }

  /** Of a rank that has failed. */
  Evidence evidence() {
    if (process.exitValue() > SIGNAL_BASE) {
      return Evidence.KILLED;
    }
    String said = lastLine();
    if (said.isEmpty()) {
      return Evidence.UNSAID;
    }
    return switch (FailureCause.of(said)) {
      case OWN -> Evidence.OWN;
      case TOLD -> Evidence.TOLD;
      case TIMED_OUT -> Evidence.TIMED_OUT;
      case LOST -> Evidence.LOST;
    };
  }

  /** How it ended, and the last that it said. */
  String ending() {
    int code = process.exitValue();
    String how =
        code > SIGNAL_BASE
            ? "was ended by signal " + (code - SIGNAL_BASE)
            : "failed with exit code " + code;
    String said = lastLine();
    return "rank %s %s%s%s"
        .formatted(
            rank, how, said.isEmpty() ? "" : ": " + said, log == null ? "" : " (" + log + ")");
  }

  /** What its log's lines begin with: logs of several ranks are read together. */
  private static String prefix(int rank) {
    return "rank " + rank + ": ";
  }

  private String lastLine() {
    if (log == null) {
      return "";
    }
    try {
      String own = prefix(rank) + "dmt: ";
      copying.join(LOG_MILLISECONDS);
      byte[] all = Files.readAllBytes(log);
      int begin = (int) Math.min(logBegin, all.length);
      return new String(all, begin, all.length - begin, StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(own))
          .reduce((first, last) -> last)
          .map(line -> line.substring(own.length()))
          .orElse("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    } catch (IOException e) {
      return "its log cannot be read: " + Disk.reason(e);
    }
  }
}
