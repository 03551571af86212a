package ai.dmt.evaluators.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Starts supervisor.py for one program, sends the request and reads the outcome.
 *
 * @param watchdog ends a supervisor that does not end by itself
 * @param running where the process is listed while it lives, so that it can be ended from outside
 */
record SupervisedRun(ScheduledExecutorService watchdog, Set<Process> running) {
  /** How much longer than the program's time a supervisor may take before it counts as stuck. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private static final int MAX_COMPLAINT_CHARS = 500;

  /**
   * Runs what a request asks for.
   *
   * @param folder where the process starts; what is private to a sandbox is inside it alone
   * @param answer makes an outcome of what the supervisor wrote; null if there is none in it
   * @throws IOException if there is no outcome; with what bubblewrap or Python printed
   */
  <T> T run(
      List<String> command,
      String request,
      Duration limit,
      Path folder,
      Function<String, @Nullable T> answer)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment(folder));
    Process process = builder.start();
    running.add(process);
    Future<?> kill =
        watchdog.schedule(
            process::destroyForcibly, limit.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    // Standard input stays open: its end tells the supervisor that we are gone.
    try (OutputStream in = process.getOutputStream();
        InputStream out = process.getInputStream();
        InputStream err = process.getErrorStream()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("interrupted");
      }
      send(request, in);
      // The request is read before anything is written, so neither side waits for the other.
      T outcome = answer.apply(text(out.readNBytes(SupervisorMessages.MAX_OUTCOME_BYTES)));
      if (outcome == null) {
        throw new IOException(complaint(process, text(err.readNBytes(1 << 16))));
      }
      // bubblewrap ends when the kernel has ended every process of the sandbox.
      process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS);
      return outcome;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      kill.cancel(false);
      process.destroyForcibly();
      running.remove(process);
    }
  }

  private static Map<String, String> environment(Path folder) {
    return Map.of(
        "PATH", "/usr/local/bin:/usr/bin:/bin",
        "HOME", folder.toString(),
        "LANG", "C.UTF-8",
        // Libraries that start a thread for each core at import
        "OPENBLAS_NUM_THREADS", "1");
  }

  private static void send(String request, OutputStream in) {
    try {
      in.write(request.getBytes(StandardCharsets.US_ASCII));
      in.flush();
    } catch (IOException e) {
      return; // it has ended already; the missing outcome and what it printed tell more
    }
  }

  private static String complaint(Process process, String printed) {
    String text = printed.strip();
    if (text.length() > MAX_COMPLAINT_CHARS) {
      text = "..." + text.substring(text.length() - MAX_COMPLAINT_CHARS);
    }
    try {
      int exitCode = process.waitFor();
      return text.isEmpty() ? "ended without an outcome, exit code " + exitCode : text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
