package ai.dmt.study;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Starts processes that work on one study folder. They end when this process does, however it ends:
 * each reads from a pipe that the operating system then closes.
 */
public final class WorkerProcesses {
  private static final long POLL_MILLISECONDS = 200;
  private static final Path GPU_DRIVER = Path.of("/dev/nvidiactl");

  private final List<String> command;
  private final int threads;
  private final boolean reproducible;
  private final Output output;

  /** Takes what workers say, a line at a time, so that lines of several do not mix. */
  public interface Output {
    /**
     * A worker has written to its standard output.
     *
     * @param line without its end
     */
    void onLine(String line);

    /**
     * A worker has written to its standard error.
     *
     * @param line without its end
     */
    void onErrorLine(String line);
  }

  /**
   * Makes a starter.
   *
   * @param command program and words of a worker
   * @param threads CPU threads of each
   * @param reproducible whether they keep to AVX2, which gives the same bits on all processors that
   *     have it
   * @param output takes what they say, on threads of its own
   */
  public WorkerProcesses(List<String> command, int threads, boolean reproducible, Output output) {
    this.output = output;
    this.command = List.copyOf(command);
    this.threads = threads;
    this.reproducible = reproducible;
  }

  /**
   * Runs to the end of all. What a worker that died had begun is done by another, or left.
   *
   * @param meanwhile is called again and again
   */
  void run(int jobs, Runnable meanwhile) throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    List<Thread> readers = new ArrayList<>();
    try {
      for (int job = 0; job < jobs; job++) {
        Process process = start(job);
        processes.add(process);
        readers.add(reader(process.getInputStream(), output::onLine));
        readers.add(reader(process.getErrorStream(), output::onErrorLine));
      }
      while (processes.stream().anyMatch(Process::isAlive)) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
        meanwhile.run();
      }
      for (Thread reader : readers) {
        reader.join(); // before destroy, which closes what they read from
      }
    } finally {
      processes.forEach(Process::destroy);
    }
    for (Process process : processes) {
      process.waitFor();
    }
  }

  private static Thread reader(InputStream said, Consumer<String> lines) {
    // A worker writes in the encoding of this machine.
    Charset encoding = Charset.forName(System.getProperty("native.encoding"));
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(said, encoding))) {
                reader.lines().forEach(lines);
              } catch (IOException | UncheckedIOException e) {
                return; // the worker was ended while it spoke
              }
            },
            "dmt-worker-output");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private Process start(int job) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    if (reproducible) {
      environment.put("DMT_INSTRUCTIONS", "avx2"); // native/src/environment reads it
    }
    String devices = environment.get("CUDA_VISIBLE_DEVICES");
    if (devices != null && !devices.isBlank()) {
      List<String> all = Arrays.asList(devices.split(","));
      environment.put("CUDA_VISIBLE_DEVICES", all.get(job % all.size()).strip());
    } else if (devices == null && Files.exists(GPU_DRIVER)) {
      environment.put("CUDA_VISIBLE_DEVICES", Integer.toString(job));
    }
    return builder.start(); // its standard input is a pipe, too
  }
}
