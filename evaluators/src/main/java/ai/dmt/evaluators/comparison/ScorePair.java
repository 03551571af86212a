package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ScoreComparison.Paired;
import ai.dmt.evaluators.comparison.ScoreComparison.PairedTest;
import ai.dmt.evaluators.comparison.ScoreComparison.Side;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import ai.dmt.evaluators.statistics.McNemar;
import ai.dmt.evaluators.statistics.PairedBootstrap;
import ai.dmt.evaluators.statistics.PooledMean;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The same score of two models, about to be compared.
 *
 * @param baseline what is compared with
 * @param other what is compared; its score has the same name and mode
 * @param common whether items that one model alone has are left out; else they are a fault
 */
record ScorePair(Scored baseline, Scored other, boolean common) {
  /** Of all resamples; a fixed one, so that a comparison can be repeated to the last digit. */
  static final long SEED = 1;

  private static final String UNTESTED =
      "no test: the score is not one that can be computed problem by problem";

  /** A score, the report that it is of, and the model that the report is of. */
  record Scored(String model, ScoreReport report, Score score) {
    private Side side() {
      return new Side(model, score.score(), score.interval());
    }

    private Side side(ScoredItems items, List<String> ids) {
      return new Side(model, items.mean(ids).value(), items.interval(ids, SEED));
    }
  }

  String title() {
    return ScoreComparison.title(baseline.report().benchmark(), baseline.score());
  }

  /**
   * Compares.
   *
   * @throws ai.dmt.config.ConfigException if the two were not measured on the same problems
   */
  ScoreComparison compare() {
    Optional<ScoredItems> first = ScoredItems.of(baseline.report(), baseline.score());
    Optional<ScoredItems> second = ScoredItems.of(other.report(), other.score());
    if (first.isEmpty() || second.isEmpty()) {
      double difference = other.score().score() - baseline.score().score();
      return result(baseline.side(), other.side(), difference, null, UNTESTED);
    }
    PairedItems items = PairedItems.of(this, first.get(), second.get());
    Paired paired = items.verdicts() ? byVerdicts(items) : byMeans(items);
    double difference = items.difference();
    return items.complete()
        ? result(baseline.side(), other.side(), difference, paired, items.note())
        : result(
            baseline.side(items.first(), items.ids()),
            other.side(items.second(), items.ids()),
            difference,
            paired,
            items.note());
  }

  private ScoreComparison result(
      Side first, Side second, double difference, @Nullable Paired paired, @Nullable String note) {
    return new ScoreComparison(
        baseline.report().benchmark(),
        baseline.score().name(),
        baseline.score().mode(),
        baseline.report().inPoints() ? Unit.POINTS : Unit.SHARE,
        first,
        second,
        difference,
        paired,
        note);
  }

  private static Paired byVerdicts(PairedItems items) {
    List<String> higher = items.higher();
    List<String> lower = items.lower();
    McNemar flips = new McNemar(lower.size(), higher.size(), items.ids().size());
    return new Paired(
        PairedTest.MCNEMAR,
        flips.interval(),
        flips.pValue(),
        null,
        items.ids().size(),
        higher,
        lower);
  }

  private static Paired byMeans(PairedItems items) {
    PooledMean first = items.first().mean(items.ids());
    PooledMean second = items.second().mean(items.ids());
    PairedBootstrap resampled = PairedBootstrap.of(first, second, SEED);
    return new Paired(
        PairedTest.BOOTSTRAP,
        resampled.interval(),
        resampled.pValue(),
        null,
        items.ids().size(),
        items.higher(),
        items.lower());
  }
}
