package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.Judgment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What a run did.
 *
 * @param total judgements that were asked for
 * @param judgments that were made; fewer than the total if the run was stopped
 * @param fromCache how many of them cost no request
 */
public record JudgingResult(int total, List<Judgment> judgments, int fromCache) {
  static JudgingResult of(Judgment[] judgments, int fromCache) {
    return new JudgingResult(
        judgments.length, Arrays.stream(judgments).filter(Objects::nonNull).toList(), fromCache);
  }

  /** {@return whether all judgements were made} */
  public boolean complete() {
    return judgments.size() == total;
  }

  /** {@return judgements without a reply after all tries; another run asks for them again} */
  public List<Judgment> withoutReply() {
    return judgments.stream().filter(j -> j.judgment().equals(Judgment.NO_REPLY)).toList();
  }

  /** {@return judgements with a reply that holds no rating} */
  public List<Judgment> withoutRating() {
    return judgments.stream()
        .filter(j -> j.score().failed() && !j.judgment().equals(Judgment.NO_REPLY))
        .toList();
  }
}
