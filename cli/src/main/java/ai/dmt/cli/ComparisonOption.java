package ai.dmt.cli;

import ai.dmt.evaluators.comparison.ComparisonOptions;
import java.util.Set;
import picocli.CommandLine.Option;

/** What is compared: options of all commands that compare scores. */
final class ComparisonOption {
  @Option(
      names = "--benchmark",
      split = ",",
      paramLabel = "NAME",
      description = "Only these benchmarks, such as gsm8k or \"held-out loss\".")
  private Set<String> benchmarks = Set.of();

  @Option(
      names = "--score",
      split = ",",
      paramLabel = "NAME",
      description = "Only these scores, such as accuracy, pass@1 or average.")
  private Set<String> scores = Set.of();

  @Option(
      names = "--mode",
      split = ",",
      paramLabel = "NAME",
      description = "Of scores that have a mode, only these modes.")
  private Set<String> modes = Set.of();

  @Option(
      names = "--common",
      description =
          "Compare the items that both models have, and say how many; without it all must be the"
              + " same.")
  private boolean common;

  ComparisonOptions options() {
    return new ComparisonOptions(benchmarks, scores, modes, common);
  }
}
