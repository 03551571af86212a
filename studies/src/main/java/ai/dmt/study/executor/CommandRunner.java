package ai.dmt.study.executor;

import ai.dmt.internal.files.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a scheduler's programs. */
@FunctionalInterface
interface CommandRunner {
  /** A scheduler that is restarted answers after a while; one that is gone never does. */
  int SECONDS = 120;

  /**
   * What a program said.
   *
   * @param status 0 if all went well
   * @param out standard output
   * @param err standard error
   */
  record Result(int status, String out, String err) {}

  /**
   * Runs one to its end.
   *
   * @param command program and words; no shell reads them
   * @param input for its standard input
   * @throws IOException if it cannot be started or does not end
   */
  Result run(List<String> command, String input) throws IOException;

  /** Starts real processes. */
  static Result ofProcess(List<String> command, String input) throws IOException {
    Process process = new ProcessBuilder(command).start();
    CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process, true));
    CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process, false));
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it has ended before it read all of it, and says why
      }
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new JobException(
            "%s has not answered for %s s".formatted(String.join(" ", command), SECONDS));
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while %s ran".formatted(command.get(0)), e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Process process, boolean output) {
    try (var stream = output ? process.getInputStream() : process.getErrorStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("a pipe broke: " + Disk.reason(e), e);
    }
  }
}
