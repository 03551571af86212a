package ai.dmt.evaluation;

import ai.dmt.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where the problems of known benchmarks lie in a folder of data. */
public final class ProblemFiles {
  /** Of each, first as the data sets are published, then as {@code dmt world} writes them. */
  private static final Map<String, List<String>> PLACES =
      Map.of(
          "gsm8k", List.of("gsm8k/test.jsonl", "math_test.jsonl"),
          "humaneval",
              List.of(
                  "humaneval/HumanEval.jsonl.gz", "humaneval/HumanEval.jsonl", "code_test.jsonl"),
          "math", List.of("math/test.jsonl"),
          "mbpp", List.of("mbpp/mbpp.jsonl", "mbpp/sanitized-mbpp.json"),
          "mtbench", List.of("mtbench/question.jsonl", "general_test.jsonl"));

  private ProblemFiles() {}

  /**
   * {@return the file with the problems of a benchmark}
   *
   * @param benchmark its name, such as "gsm8k"
   * @param folder of data, with the files at their usual places below it
   * @throws ConfigException if they are at none of the usual places, or the benchmark has none
   */
  public static Path find(String benchmark, Path folder) {
    List<String> places = PLACES.get(benchmark);
    if (places == null) {
      throw new ConfigException(
          "the problems of %s have no usual place; name them with --benchmarks %s=FILE"
              .formatted(benchmark, benchmark));
    }
    return places.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s has no problems of %s: neither of %s; name the folder with --data DIR or the file with --benchmarks %s=FILE"
                        .formatted(folder, benchmark, String.join(", ", places), benchmark)));
  }
}
