package ai.dmt.study;

import ai.dmt.config.Faults;
import java.util.Map;

/**
 * A benchmark that every model of a study is scored on.
 *
 * @param problems file of the problems; relative to the study's data folder
 * @param limit most problems, the first ones; 0 for all
 * @param maxNewTokens longest completion
 * @param batchSize completions that are decoded at once
 * @param allowCodeExecution whether completions may run, in the sandbox alone
 */
public record BenchmarkRecipe(
    String problems, int limit, int maxNewTokens, int batchSize, boolean allowCodeExecution) {
  /** Checks ranges. */
  public BenchmarkRecipe {
    new Faults("benchmark")
        .require(problems != null && !problems.isBlank(), "problems must name a file")
        .notNegative("limit", limit)
        .positive("max_new_tokens", maxNewTokens)
        .positive("batch_size", batchSize)
        .throwIfAny();
  }

  /** What is used where a study says nothing; the problems must be said. */
  public static Map<String, Object> defaults() {
    return Map.of("limit", 0, "maxNewTokens", 256, "batchSize", 16, "allowCodeExecution", false);
  }

  BenchmarkRecipe withProblems(String file) {
    return new BenchmarkRecipe(file, limit, maxNewTokens, batchSize, allowCodeExecution);
  }
}
