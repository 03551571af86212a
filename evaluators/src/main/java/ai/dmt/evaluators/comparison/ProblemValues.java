package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.statistics.PooledMean;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a score is the mean of, problem by problem.
 *
 * @param ids of the problems that count, in the order of the report
 * @param mean of them, in the same order
 */
public record ProblemValues(List<String> ids, PooledMean mean) {
  /**
   * Copies the ids.
   *
   * @param ids of the problems that count, in the order of the report
   * @param mean of them, in the same order
   */
  public ProblemValues {
    ids = List.copyOf(ids);
  }

  /**
   * Takes a score apart.
   *
   * @param report that the score is of
   * @param score of the report
   * @return empty for a score that is no mean over problems, such as a spread or a vote
   */
  public static Optional<ProblemValues> of(ScoreReport report, Score score) {
    return ScoredItems.of(report, score)
        .map(
            items -> {
              List<String> ids = items.byProblem().keySet().stream().filter(items::counts).toList();
              return new ProblemValues(ids, items.mean(ids));
            });
  }

  /**
   * {@return some of the problems, in their order}
   *
   * @param some ids, all of them among these
   */
  public ProblemValues only(Set<String> some) {
    if (some.size() == ids.size()) {
      return this;
    }
    int[] kept = IntStream.range(0, ids.size()).filter(i -> some.contains(ids.get(i))).toArray();
    return new ProblemValues(
        IntStream.of(kept).mapToObj(ids::get).toList(),
        new PooledMean(
            IntStream.of(kept).mapToDouble(i -> mean.sums()[i]).toArray(),
            IntStream.of(kept).mapToDouble(i -> mean.weights()[i]).toArray()));
  }
}
