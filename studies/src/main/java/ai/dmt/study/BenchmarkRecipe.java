package ai.dmt.study;

import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A benchmark that every model of a study is scored on.
 *
 * @param evaluator its name; empty for the benchmark's own
 * @param optional whether its scores are missing, with the reason, where the file of problems is
 *     not there; else nothing begins without the file
 * @param source that it measures the ability of; empty for none
 * @param scores of its report that tables and claims show, as NAME or NAME/MODE; empty for the
 *     first
 * @param problems file of the problems; relative to the study's data folder
 * @param limit most problems, the first ones; 0 for all
 * @param maxNewTokens longest completion
 * @param batchSize completions that are decoded at once
 * @param allowCodeExecution whether completions may run, in the sandbox alone
 * @param options of the benchmark's own, by name, such as prompt or mode
 */
public record BenchmarkRecipe(
    String evaluator,
    boolean optional,
    String source,
    List<String> scores,
    String problems,
    int limit,
    int maxNewTokens,
    int batchSize,
    boolean allowCodeExecution,
    Map<String, String> options) {
  /** Options that say where and how fast a judge is asked; they do not change what it says. */
  static final String PLACES = "judge-(url|key-env|concurrency|requests-per-minute|timeout|tries)";

  private static final String KEY = "judge-key";

  /**
   * Checks ranges; copies list and map.
   *
   * @param evaluator its name; empty for the benchmark's own
   * @param optional whether its scores are missing where the file of problems is not there
   * @param source that it measures the ability of; empty for none
   * @param scores of its report that tables and claims show, as NAME or NAME/MODE; empty for the
   *     first
   * @param problems file of the problems; relative to the study's data folder
   * @param limit most problems, the first ones; 0 for all
   * @param maxNewTokens longest completion
   * @param batchSize completions that are decoded at once
   * @param allowCodeExecution whether completions may run, in the sandbox alone
   * @param options of the benchmark's own, by name, such as prompt or mode
   */
  public BenchmarkRecipe {
    scores = scores == null ? List.of() : List.copyOf(scores);
    options =
        options == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(options));
    new Faults("benchmark")
        .require(problems != null && !problems.isBlank(), "problems must name a file")
        .notNegative("limit", limit)
        .positive("max_new_tokens", maxNewTokens)
        .positive("batch_size", batchSize)
        .require(
            !options.containsKey(KEY),
            KEY
                + " is no option of a study, whose file others read: name the variable of the"
                + " environment that holds it, judge-key-env")
        .throwIfAny();
  }

  /** {@return what is used where a study says nothing, by component; the problems must be said} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("evaluator", "");
    values.put("optional", false);
    values.put("source", "");
    values.put("scores", List.of());
    values.put("limit", 0);
    values.put("maxNewTokens", 256);
    values.put("batchSize", 16);
    values.put("allowCodeExecution", false);
    values.put("options", Map.of());
    return values;
  }

  /** What decides over the scores: neither folders, nor what is shown of them. */
  String identity() {
    Map<String, String> deciding = new TreeMap<>(options);
    deciding.keySet().removeIf(name -> name.matches(PLACES));
    return "%s%s/%s/%s/%s/%s"
        .formatted(evaluator, limit, maxNewTokens, batchSize, allowCodeExecution, deciding);
  }

  /** The evaluator of a benchmark of a study. @param name of the benchmark */
  String evaluatorOr(String name) {
    return evaluator.isEmpty() ? name : evaluator;
  }

  BenchmarkRecipe withProblems(String file) {
    return RecordCopy.with(this, "problems", file);
  }
}
