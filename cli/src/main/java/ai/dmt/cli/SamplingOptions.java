package ai.dmt.cli;

import ai.dmt.engine.SamplingConfig;
import ai.dmt.generate.GenerationConfig;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How answers are made: options of the commands that print them. */
final class SamplingOptions {
  @Option(
      names = "--max-new-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Longest completion (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 is greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Share of probability to sample from (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Line i of a file, or answer i of a chat, is sampled with seed + i (default:"
              + " ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Text that ends a completion; may be given several times.")
  private List<String> stops = List.of();

  /** A configuration with these options, for one request at once. */
  GenerationConfig generation() {
    return new GenerationConfig(
        maxNewTokens, new SamplingConfig(temperature, topP, seed), stops, Set.of(), 1);
  }
}
