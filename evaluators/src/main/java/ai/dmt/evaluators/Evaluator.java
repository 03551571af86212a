package ai.dmt.evaluators;

import java.nio.file.Path;

/**
 * Knows a benchmark. Implementations are found by {@link java.util.ServiceLoader}: a jar on the
 * class path names its class in {@code META-INF/services/ai.dmt.evaluators.Evaluator}.
 */
public interface Evaluator {
  /** Setting of benchmarks that run programs: "true" lets them, "false" does not. */
  String ALLOW_CODE_EXECUTION = "allow-code-execution";

  /** {@return the name of the benchmark, such as "gsm8k"; no two evaluators share one} */
  String name();

  /**
   * {@return whether scoring runs programs that a model wrote} Then {@link #ALLOW_CODE_EXECUTION}
   * must be among the settings.
   */
  default boolean runsCode() {
    return false;
  }

  /**
   * Reads the benchmark's problems.
   *
   * @param problems file in the benchmark's own format
   * @param options as the user gave them
   * @return the problems, ready to be put to a model
   * @throws ai.dmt.data.DataException naming file and line, if a problem is at fault
   * @throws ai.dmt.config.ConfigException if an option is unknown or cannot be used
   */
  Benchmark open(Path problems, BenchmarkOptions options);
}
