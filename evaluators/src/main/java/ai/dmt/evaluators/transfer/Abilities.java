package ai.dmt.evaluators.transfer;

import ai.dmt.config.ConfigException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which ability a score is of, and which stage trained it.
 *
 * @param ofBenchmark abilities by benchmark; a score of any other benchmark is of the ability of
 *     its own name, as a source's held-out loss is
 * @param trainedBy names of stages by ability, where they do not follow from the names
 */
public record Abilities(Map<String, String> ofBenchmark, Map<String, String> trainedBy) {
  private static final Map<String, String> USUAL =
      Map.of("gsm8k", "math", "humaneval", "code", "mtbench", "general");

  /**
   * Copies the maps.
   *
   * @param ofBenchmark abilities by benchmark; a score of any other benchmark is of the ability of
   *     its own name, as a source's held-out loss is
   * @param trainedBy names of stages by ability, where they do not follow from the names
   */
  public Abilities {
    ofBenchmark = Map.copyOf(ofBenchmark);
    trainedBy = Map.copyOf(trainedBy);
  }

  /**
   * {@return the abilities of the paper's benchmarks: gsm8k is math, humaneval code, mtbench
   * general}
   */
  public static Abilities usual() {
    return new Abilities(USUAL, Map.of());
  }

  /**
   * {@return the same with more or other benchmarks}
   *
   * @param more abilities by benchmark
   */
  public Abilities withBenchmarks(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(ofBenchmark);
    all.putAll(more);
    return new Abilities(all, trainedBy);
  }

  /**
   * {@return the same with stages that are told}
   *
   * @param stages names by ability; they replace those told before
   */
  public Abilities withTrained(Map<String, String> stages) {
    return new Abilities(ofBenchmark, stages);
  }

  /**
   * {@return the ability that a score measures}
   *
   * @param benchmark its name
   * @param score its name, for benchmarks whose ability is not known
   */
  public String of(String benchmark, String score) {
    return ofBenchmark.getOrDefault(benchmark, score);
  }

  /**
   * The place of the stage that trained an ability: the one that was told, else the last whose name
   * is the ability's after its number, as in "2-math".
   *
   * @param ability such as "math"
   * @param stages names in their order
   * @return empty if no stage has such a name
   * @throws ConfigException if the one that was told is not there
   */
  public Optional<Integer> stage(String ability, List<String> stages) {
    String told = trainedBy.get(ability);
    if (told != null) {
      if (!stages.contains(told)) {
        throw new ConfigException(
            "%s is said to be trained by stage \"%s\"; the stages are %s"
                .formatted(ability, told, String.join(", ", stages)));
      }
      return Optional.of(stages.indexOf(told));
    }
    for (int stage = stages.size() - 1; stage >= 0; stage--) {
      if (stages.get(stage).replaceFirst("^[0-9]+-", "").equals(ability)) {
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }
}
