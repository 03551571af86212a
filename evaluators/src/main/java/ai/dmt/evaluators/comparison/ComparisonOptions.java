package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Score;
import java.util.Set;

/**
 * What is compared.
 *
 * @param benchmarks names; empty for all
 * @param scores names such as "accuracy"; empty for all
 * @param modes names such as "openai"; empty for all; scores without a mode are always wanted
 * @param common whether problems that one model alone has are left out; else they are a fault
 */
public record ComparisonOptions(
    Set<String> benchmarks, Set<String> scores, Set<String> modes, boolean common) {
  /**
   * Copies the sets.
   *
   * @param benchmarks names; empty for all
   * @param scores names such as "accuracy"; empty for all
   * @param modes names such as "openai"; empty for all; scores without a mode are always wanted
   * @param common whether problems that one model alone has are left out; else they are a fault
   */
  public ComparisonOptions {
    benchmarks = Set.copyOf(benchmarks);
    scores = Set.copyOf(scores);
    modes = Set.copyOf(modes);
  }

  /** {@return options for all that both models have, on the same problems} */
  public static ComparisonOptions all() {
    return new ComparisonOptions(Set.of(), Set.of(), Set.of(), false);
  }

  /**
   * {@return whether a benchmark is wanted}
   *
   * @param name of the benchmark
   */
  public boolean wantsBenchmark(String name) {
    return benchmarks.isEmpty() || benchmarks.contains(name);
  }

  /**
   * {@return whether a score is wanted}
   *
   * @param score whose name and mode count
   */
  public boolean wants(Score score) {
    return (scores.isEmpty() || scores.contains(score.name()))
        && (modes.isEmpty() || score.mode() == null || modes.contains(score.mode()));
  }
}
