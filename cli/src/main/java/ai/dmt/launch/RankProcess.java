package ai.dmt.launch;

import ai.dmt.dist.RankEnvironment;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A rank's process.
 *
 * @param rank in the world
 * @param log what it printed; null for rank 0, which prints to this process's streams
 */
public record RankProcess(int rank, Process process, Path log) {
  /** Variable that tells a process to end with the one that started it. */
  public static final String LAUNCHED = "DMT_LAUNCHED";

  /** Java's way of saying that a signal ended a process. */
  private static final int SIGNAL_BASE = 128;

  static RankProcess start(List<String> command, RankEnvironment place, int threads, Path logFolder)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.putAll(place.variables());
    environment.putIfAbsent("OMP_NUM_THREADS", Integer.toString(threads));
    environment.put(LAUNCHED, "1");
    if (place.rank() == 0) {
      builder
          .redirectOutput(ProcessBuilder.Redirect.INHERIT)
          .redirectError(ProcessBuilder.Redirect.INHERIT);
      return new RankProcess(0, builder.start(), null);
    }
    Path log = logFolder.resolve("rank-%d.log".formatted(place.rank()));
    File file = log.toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(file));
    return new RankProcess(place.rank(), builder.start(), log);
  }

  boolean failed() {
    return !process.isAlive() && process.exitValue() != 0;
  }

  /** How it ended, and the last that it said. */
  String ending() {
    int code = process.exitValue();
    String how =
        code > SIGNAL_BASE
            ? "was ended by signal " + (code - SIGNAL_BASE)
            : "failed with exit code " + code;
    String said = lastLine();
    return "rank %d %s%s%s"
        .formatted(
            rank, how, said.isEmpty() ? "" : ": " + said, log == null ? "" : " (" + log + ")");
  }

  private String lastLine() {
    if (log == null) {
      return "";
    }
    try {
      String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> line.startsWith("dmt: "))
          .reduce((first, last) -> last)
          .map(line -> line.substring("dmt: ".length()))
          .orElse("");
    } catch (IOException e) {
      return "its log cannot be read: " + e;
    }
  }
}
