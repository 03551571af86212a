package ai.dmt.evaluators.mtbench;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.Intervals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Rated judgements, pooled: the mean is over judgements, not over means of turns, as FastChat's
 * {@code show_result.py} has it; failed ones are left out.
 *
 * @param rated those that count
 */
record ScoredJudgments(List<Judgment> rated) {
  private static final long BOOTSTRAP_SEED = 0;

  static ScoredJudgments of(List<Judgment> judgments) {
    return new ScoredJudgments(judgments.stream().filter(j -> !j.score().failed()).toList());
  }

  ScoredJudgments where(Predicate<Judgment> condition) {
    return new ScoredJudgments(rated.stream().filter(condition).toList());
  }

  /** Empty if nothing is rated. */
  OptionalDouble mean() {
    return rated.stream().mapToDouble(judgment -> judgment.score().value()).average();
  }

  /** Bootstrap of the mean over questions, each with all its judgements; null for none. */
  @Nullable Interval interval() {
    Map<String, List<Double>> byQuestion = new LinkedHashMap<>();
    for (Judgment judgment : rated) {
      byQuestion
          .computeIfAbsent(judgment.questionId(), id -> new ArrayList<>())
          .add(judgment.score().value());
    }
    if (byQuestion.isEmpty()) {
      return null;
    }
    List<List<Double>> questions =
        byQuestion.entrySet().stream()
            .sorted(
                Map.Entry.comparingByKey(QuestionId.ORDER)) // the same whatever the file's order
            .map(Map.Entry::getValue)
            .toList();
    double[] sums =
        questions.stream()
            .mapToDouble(scores -> scores.stream().mapToDouble(score -> score).sum())
            .toArray();
    int[] counts = questions.stream().mapToInt(List::size).toArray();
    return Intervals.bootstrap(
        sums.length,
        BOOTSTRAP_SEED,
        drawn -> {
          double sum = 0;
          long count = 0;
          for (int question : drawn) {
            sum += sums[question];
            count += counts[question];
          }
          return sum / count;
        });
  }
}
