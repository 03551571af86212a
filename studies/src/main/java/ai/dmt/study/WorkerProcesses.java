package ai.dmt.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

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

  /**
   * Makes a starter.
   *
   * @param command program and words of a worker
   * @param threads CPU threads of each
   * @param reproducible whether they keep to AVX2, which gives the same bits on all processors that
   *     have it
   */
  public WorkerProcesses(List<String> command, int threads, boolean reproducible) {
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
    try {
      for (int job = 0; job < jobs; job++) {
        processes.add(start(job));
      }
      while (processes.stream().anyMatch(Process::isAlive)) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
        meanwhile.run();
      }
    } finally {
      processes.forEach(Process::destroy);
    }
    for (Process process : processes) {
      process.waitFor();
    }
  }

  private Process start(int job) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .redirectOutput(ProcessBuilder.Redirect.INHERIT)
        .redirectError(ProcessBuilder.Redirect.INHERIT);
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
    return builder.start(); // its standard input is the pipe
  }
}
