package ai.dmt.cli;

import ai.dmt.internal.text.Faults;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How a study runs: where its report is served while it grows, with which instructions, and what is
 * said of it.
 */
final class StudyRunOptions {
  private static final int LAST_PORT = 65_535;

  @Option(
      names = "--watch",
      description = "Serve the growing report on this machine while the study runs.")
  private boolean watch;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the loopback interface for --watch. Default: one that is free.")
  private Integer port;

  @Option(
      names = "--reproducible",
      description =
          "Keep to AVX2, so that every processor that has it gives the same bits; some 10 %% slower"
              + " where there is AVX-512.")
  boolean reproducible;

  @Mixin ProgressOptions progress;

  /**
   * The port to serve at, 0 for any free one; empty where nobody watches.
   *
   * @throws ai.dmt.config.ConfigException if the port is none, or is given without --watch
   */
  OptionalInt port() {
    new Faults("study")
        .require(port == null || watch, "--port is for --watch")
        .require(
            port == null || port >= 0 && port <= LAST_PORT,
            "--port must be in 0 to %s, got %s".formatted(LAST_PORT, port))
        .throwIfAny();
    return watch ? OptionalInt.of(port == null ? 0 : port) : OptionalInt.empty();
  }
}
