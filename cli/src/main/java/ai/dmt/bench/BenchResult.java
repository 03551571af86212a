package ai.dmt.bench;

import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.NativeRuntime;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JSON line: peer_speed.py's fields, then ours. */
final class BenchResult {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BenchResult() {}

  /**
   * Fields that all modes have.
   *
   * @param memory of the GPU that the engine is on
   * @param tokens of a median step
   */
  static ObjectNode line(
      String mode,
      BenchJob job,
      NativeEngine engine,
      GpuMemory memory,
      StepTimes times,
      long tokens) {
    double step = times.median();
    ObjectNode line =
        JSON.createObjectNode()
            .put("mode", mode)
            .put("preset", job.model().text())
            .put("device", job.engine().device().device().text())
            .put("dtype", job.engine().computeDType().text())
            .put("batch", job.batch())
            .put("seq", job.length())
            .put("threads", engine.threads())
            .put("torch", NativeRuntime.torchVersion())
            .put("params", engine.parameterCount())
            .put("step_ms", rounded(step * 1e3, 100))
            .put("tokens_per_s", rounded(tokens / step, 10))
            .put("peak_rss_mb", peakResidentMegabytes());
    line.put("peak_gpu_mb", memory.usedMegabytes());
    line.putNull("mfu_989"); // of an H100's peak; a CPU has none
    if (job.engine().device().isCuda()) {
      line.put("accounted_gpu_mb", engine.memory().total() >> 20);
    }
    line.put("java_share", rounded(times.javaShare(), 10000));
    return line;
  }

  static double rounded(double value, int steps) {
    return Math.round(value * steps) / (double) steps;
  }

  /** The kernel's own maximum, in MiB as peer_speed.py has it. */
  private static long peakResidentMegabytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
        }
      }
      throw new IOException("no VmHWM in it");
    } catch (IOException e) {
      throw new UncheckedIOException("/proc/self/status: " + e.getMessage(), e);
    }
  }
}
