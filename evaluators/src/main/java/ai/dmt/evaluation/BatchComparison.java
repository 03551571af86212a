package ai.dmt.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a model answers the same in batches of two sizes.
 *
 * @param answers that were compared
 * @param different ids of prompts with different answers, such as "3", or "81 (round 2)"
 */
public record BatchComparison(int answers, List<String> different) {
  /**
   * Copies the list.
   *
   * @param answers that were compared
   * @param different ids of prompts with different answers, such as "3", or "81 (round 2)"
   */
  public BatchComparison {
    different = List.copyOf(different);
  }

  /**
   * Compares answers to the same benchmark.
   *
   * @param some answers in batches of one size
   * @param others answers to the same prompts in the same order
   * @return how many were compared, and which differ
   * @throws IllegalArgumentException if there are not as many answers of each
   */
  public static BatchComparison of(List<PromptAnswer> some, List<PromptAnswer> others) {
    if (some.size() != others.size()) {
      throw new IllegalArgumentException(
          "%s answers cannot be compared with %s".formatted(some.size(), others.size()));
    }
    List<String> different = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < some.size(); i++) {
      String id = some.get(i).prompt().id();
      asked.add(id);
      boolean same =
          some.get(i).completion().equals(others.get(i).completion())
              && some.get(i).tokens() == others.get(i).tokens()
              && some.get(i).finishReason().equals(others.get(i).finishReason());
      if (!same) {
        long round = asked.stream().filter(id::equals).count();
        different.add(round == 1 ? id : "%s (round %s)".formatted(id, round));
      }
    }
    return new BatchComparison(some.size(), different);
  }

  /**
   * {@return the result in one sentence}
   *
   * @param sizes of the batches, in prompts
   */
  public String text(int... sizes) {
    String batches =
        java.util.Arrays.stream(sizes)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(" and "));
    return different.isEmpty()
        ? "batches of %s give the same %s answers".formatted(batches, answers)
        : "batches of %s give %s of %s answers differently: %s"
            .formatted(batches, different.size(), answers, String.join(", ", different));
  }
}
