package ai.dmt.evaluators;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One number that a benchmark reports.
 *
 * @param name what is counted: "accuracy", "maj@8", "pass@1", "turn 1", "average", "writing"
 * @param mode the scoring mode, such as "openai"; null where the benchmark has one rule only
 * @param correct problems that count as solved; null where the score is no count
 * @param total problems or judgements scored; null where that is not counted
 * @param score a share in [0, 1], or points such as MT-Bench's 1 to 10
 * @param interval 95 %, in the units of the score; null where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Score(
    String name,
    @Nullable String mode,
    @Nullable Long correct,
    @Nullable Long total,
    double score,
    @Nullable Interval interval) {
  /**
   * Demands a name and a finite score, and no more solved problems than there are.
   *
   * @param name what is counted: "accuracy", "maj@8", "pass@1", "turn 1", "average", "writing"
   * @param mode the scoring mode, such as "openai"; null where the benchmark has one rule only
   * @param correct problems that count as solved; null where the score is no count
   * @param total problems or judgements scored; null where that is not counted
   * @param score a share in [0, 1], or points such as MT-Bench's 1 to 10
   * @param interval 95 %, in the units of the score; null where there is none
   */
  public Score {
    Objects.requireNonNull(name, "\"name\" is missing");
    if (!Double.isFinite(score)) {
      throw new IllegalArgumentException("the score \"%s\" is %s".formatted(name, score));
    }
    if (correct != null && (total == null || correct < 0 || correct > total)) {
      throw new IllegalArgumentException(
          "the score \"%s\" counts %s correct of %s".formatted(name, correct, total));
    }
  }

  /**
   * {@return the same under another mode}
   *
   * @param other such as "openai"; null for none
   */
  public Score withMode(@Nullable String other) {
    return new Score(name, other, correct, total, score, interval);
  }
}
